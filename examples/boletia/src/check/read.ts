import type { Evento, Inventario, Reserva } from '@boletia/handlers'
import { MongoClient } from 'mongodb'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import PostalMime from 'postal-mime'

// The bare driver and a MIME parser, nothing of the library: a fault of the library must not blind what judges it.

/** Types are what should be there; the judges doubt every value. */
export interface Found {
  readonly eventos: readonly Evento[]
  readonly inventario: readonly Inventario[]
  readonly reservas: readonly Reserva[]
}

export interface FoundMail {
  readonly file: string
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** All three collections, as of one moment. */
export async function readCollections(uri: string, database: string): Promise<Found> {
  await using client = new MongoClient(uri, { appName: 'boletia-check', serverSelectionTimeoutMS: 5000 })
  return await client.withSession({ snapshot: true }, async (session) => {
    const all = async <T extends Evento | Inventario | Reserva>(name: string) =>
      await client.db(database).collection<T>(name).find({}, { session }).sort({ _id: 1 }).toArray()
    // One after the other: a session runs one operation at a time.
    const eventos = await all<Evento>('eventos')
    const inventario = await all<Inventario>('inventario')
    return { eventos, inventario, reservas: await all<Reserva>('reservas') }
  })
}

/** Every `.eml` of a folder whose name begins with `prefix`, parsed: quoted-printable breaks lines and accents. */
export async function readMails(folder: string, prefix = ''): Promise<FoundMail[]> {
  const files = (await readdir(folder)).filter((name) => name.startsWith(prefix) && name.endsWith('.eml')).sort()
  return await Promise.all(
    files.map(async (file) => {
      const { to = [], subject = '', text = '' } = await PostalMime.parse(await readFile(path.join(folder, file)))
      // The parser ends every text with a line break.
      return { file, to: to.map(({ address }) => address).join(), subject, text: text.replace(/\r?\n$/, '') }
    }),
  )
}

/** The Ids of the granted requests, one a line. */
export async function readAccepted(file: string): Promise<string[]> {
  return (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '')
}
