import { boletiaStreams, fileTransport } from '@boletia/handlers'
import { runStream } from '@boletia/streams-core'
import type { MongoClient } from 'mongodb'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import PostalMime from 'postal-mime'
import type { ReceivedMail } from './invariant.js'

export interface RunningStreams extends AsyncDisposable {
  /** Resolves once all streams are caught up, with each other's writes too. Rejects when one of them failed. */
  caughtUp(): Promise<void>
  /** Every mail that was sent, parsed: quoted-printable breaks lines and accents. */
  mails(): Promise<readonly ReceivedMail[]>
}

/** Boletia's four streams in this process, with mails into files of a folder of their own. Resolves when they see what is written. */
export async function startStreams(client: MongoClient, database: string): Promise<RunningStreams> {
  const directory = await mkdtemp(path.join(tmpdir(), 'boletia-correos-'))
  const streams = boletiaStreams({ mail: () => fileTransport({ from: 'boletia@example.org', directory }) })
  const runs = streams.map((stream) => runStream(stream, { client, database }))
  const settled = () => runs.reduce((sum, { status }) => sum + status.handled + status.skipped, 0)
  const everyone = () => Promise.all(runs.map((run) => run.whenCaughtUp()))
  const stop = async () => {
    await Promise.all(runs.map((run) => run.stop()))
    await rm(directory, { recursive: true, force: true })
  }
  // A stream that fails is told by caughtUp.
  for (const { done } of runs) done.catch(() => undefined)
  await everyone().catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return {
    async caughtUp() {
      // A round in which no stream had anything to do wrote nothing either.
      for (let before = -1; before !== settled();) {
        before = settled()
        await everyone()
      }
    },
    mails: async () => Promise.all((await readdir(directory)).map((name) => parsed(path.join(directory, name)))),
    [Symbol.asyncDispose]: stop,
  }
}

async function parsed(file: string): Promise<ReceivedMail> {
  const { to = [], subject = '', text = '' } = await PostalMime.parse(await readFile(file))
  return { to: to.map(({ address }) => address).join(), subject, text: text.replace(/\r?\n$/, '') }
}
