import type { SavedPosition } from '@boletia/streams-core/admin'
import { StreamError } from '@boletia/streams-core/errors'
import type { Command } from 'commander'
import { selectNames } from '../input/names.js'
import { positionData } from '../output/positionData.js'
import { redactedJson } from '../output/redactedJson.js'
import { openWorld } from '../world/open.js'
import type { CommandModule } from './registry.js'

export const command: CommandModule<{ readonly go?: true }> = {
  configure(positions: Command) {
    positions
      .argument('[glob]', 'only these, for example "stream*"')
      .option('--go', 'documents of the older Go service, one a line, as mongoimport takes them')
      .addHelpText(
        'after',
        '\nPrints the saved positions as JSON, for import.' +
          '\n\nExamples:\n  boletia-streams export > positions.json\n  boletia-streams export --go | mongoimport --uri "$MONGODB_URI" --collection stream --mode upsert --upsertFields stream',
      )
  },

  async run(app, args, { go }) {
    const { exportPositions, streamNames } = await import('@boletia/streams-core/admin')
    await using world = await openWorld(app, 'config optional')
    const names =
      args.length === 0 ? undefined : selectNames(args, await streamNames(world.admin), 'the config and the saved state')
    const found = await exportPositions(world.admin, names)
    const saved = found.filter(({ position }) => position.backfill === undefined)
    // Put back without its place in the scan, the stream would go live and never see the documents that were left.
    for (const { name, position } of found)
      if (position.backfill !== undefined)
        app.warn(`${name}: left out, because its backfill is not done; export it once boletia-streams status ${name} shows none`)
    if (saved.length === 0) throw nothing(args, found.length > 0)
    const { redactor } = app.terminal
    if (!go) {
      const data = { format: 'boletia-streams', streams: saved.map(exported) }
      return { schema: 'export', data, text: { redacted: redactedJson(redactor, data, 2) } }
    }
    for (const { name, position } of saved)
      if (position.typeBits !== undefined)
        app.warn(`${name}: its token needs type bits, for which the older service has no place: it may not be able to open it`)
    const streams = saved.map(({ name, position }) => ({ stream: name, token: position.token }))
    const redacted = streams.map((document) => redactedJson(redactor, document)).join('\n')
    return { schema: 'export', data: { format: 'go', streams }, text: { redacted } }
  },
}

function exported({ name, position, fingerprint, uuid, rev }: SavedPosition): object {
  const typeBits = position.typeBits === undefined ? null : Buffer.from(position.typeBits).toString('base64')
  return { name, position: { ...positionData(position), typeBits, by: position.by }, fingerprint, uuid, rev }
}

function nothing([name]: readonly string[], isInBackfill: boolean): StreamError<'NOTHING_SAVED'> {
  const what = isInBackfill ? 'position outside a backfill' : 'position'
  const message = name === undefined ? `no stream has a saved ${what}` : `${name}: no ${what} is saved`
  const why = isInBackfill
    ? 'Which documents are left only the state of the stream itself knows.'
    : 'A position is saved at the first start of a stream.'
  return new StreamError('NOTHING_SAVED', message, { details: { ...(name !== undefined && { stream: name }), why } })
}
