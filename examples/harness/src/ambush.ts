import type { Observer } from '@boletia/streams-core'
import type { MongoClient } from 'mongodb'
import type { Crash } from './example.js'

const writes = new Set(['insert', 'update', 'delete', 'findAndModify'])

/** Kills this process where the crash says. The signal is sent before anything else can happen: nothing is finished or closed after it. */
export function ambush(client: MongoClient, crash: Crash | null): NonNullable<Observer['passing']> {
  let times = 0
  const met = () => {
    if ((times += 1) === crash?.nth) process.kill(process.pid, 'SIGKILL')
  }
  if (crash === null) return () => undefined
  if ('at' in crash) {
    return ({ stream, point }) => {
      if (point === crash.at && stream === (crash.stream ?? stream)) met()
    }
  }
  const asked = new Set<number>()
  client.on('commandStarted', ({ requestId, commandName, command }) => {
    if (writes.has(commandName) && command[commandName] === crash.wrote) asked.add(requestId)
  })
  client.on('commandSucceeded', ({ requestId }) => {
    if (asked.delete(requestId)) met()
  })
  return () => undefined
}
