import { isStreamError } from '@boletia/streams-core'
import { loggableError } from '../http/loggableError.js'
import { CannotListen } from './listen.js'
import { readSettings } from './settings.js'
import { type Service, startService } from './startService.js'

// What a shell reports for a program that a signal ended.
const signals = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * A service as a program: settings from the environment, one line on stderr when it listens, then request logs.
 * SIGTERM and SIGINT drain it (exit 0), a second one quits at once. Exit 2: settings; 8: no usable MongoDB; 1: it can't listen.
 */
export async function runService(service: Service): Promise<void> {
  try {
    const settings = readSettings(service.name, service.port, process.env)
    const running = await startService(service, { ...settings, logStream: process.stderr })
    const stopAsked = firstSignal()
    process.stderr.write(`${service.name} listening on ${running.url}\n`)
    await stopAsked
    await running.drain()
  } catch (error) {
    const known = isStreamError(error) || error instanceof CannotListen
    process.stderr.write(
      `${service.name}: ${known ? error.message : `unexpected fault ${JSON.stringify(loggableError(error))}`}\n`,
    )
    process.exitCode = isStreamError(error) ? error.exit : 1
  }
}

/** Before this is called a signal ends the process the usual way: there is nothing in hand yet. */
function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    for (const [signal, exitCode] of Object.entries(signals)) {
      process.on(signal, () => {
        if (asked) process.exit(exitCode)
        asked = true
        resolve()
      })
    }
  })
}
