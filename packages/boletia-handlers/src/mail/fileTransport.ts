import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { composeMail } from './composeMail.js'
import type { Mail, MailTransport } from './transport.js'

export interface FileTransportOptions {
  readonly from: string
  /** Created when missing. */
  readonly directory: string
}

/** Writes each mail into a file of its own, for development. A mail that comes again replaces its file. */
export async function fileTransport({ from, directory }: FileTransportOptions): Promise<MailTransport> {
  const folder = path.resolve(directory)
  await mkdir(folder, { recursive: true })
  return {
    async send(mail) {
      const message = await composeMail(from, mail)
      await mkdir(folder, { recursive: true })
      await writeWhole(path.join(folder, fileName(mail)), message)
    },
    async close() {},
  }
}

/** `{Id}-{estado}-{last 8 of the token}.eml`; an `_id` that somebody wrote by hand cannot lead out of the folder. */
function fileName({ id, estado, token }: Pick<Mail, 'id' | 'estado' | 'token'>): string {
  return `${`${id}-${estado}-${token.slice(-8)}`.replaceAll(/[^A-Za-z0-9_-]/g, '_')}.eml`
}

/** A reader of the folder sees the whole mail or none: it appears under its name by a rename. */
async function writeWhole(file: string, content: Buffer): Promise<void> {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    await writeFile(temporary, content, { flag: 'wx' })
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
