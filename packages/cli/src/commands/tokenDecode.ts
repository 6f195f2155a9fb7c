import type { Position } from '@boletia/streams-core'
import type { DecodedToken } from '@boletia/streams-core/admin'
import { StreamError } from '@boletia/streams-core/errors'
import type { Command } from 'commander'
import type { App } from '../app.js'
import { clusterDate, formatTime } from '../output/format.js'
import type { Redactor } from '../output/redact.js'
import { table } from '../output/table.js'
import { openWorld } from '../world/open.js'
import type { CommandModule } from './registry.js'

export const command: CommandModule = {
  configure(decode: Command) {
    decode
      .argument('<token>', 'the _data of a resume token (hex), or stream:<name> for a saved one')
      .addHelpText(
        'after',
        '\nExamples:\n  boletia-streams token decode stream:streamReserva\n  boletia-streams token decode 8265A0…04 --json',
      )
  },
  async run(app, [wanted = '']) {
    const { decodeToken } = await import('@boletia/streams-core/admin')
    const { token, typeBits, backfill } = wanted.startsWith('stream:')
      ? await saved(app, wanted.slice('stream:'.length))
      : { token: wanted.replace(/^token:/, '') }
    // Behind a document lies no token of the server's, but the one that was taken before the first, and the document's key.
    const origin = backfill !== undefined && token.startsWith(backfill.origin) ? backfill.origin : token
    const { clusterTime, documentKey, operationDescription, ...rest } = decodeToken(
      origin,
      origin === token ? typeBits : undefined,
    )
    const { redactor } = app.terminal
    const data = {
      token,
      clusterTime: clusterDate(clusterTime),
      increment: clusterTime.i,
      ...rest,
      documentKey: redactor.document(documentKey),
      operationDescription: redactor.document(operationDescription),
      backfill: backfill === undefined ? null : await backfillData(backfill, redactor),
    }
    return {
      schema: 'token.decode',
      data,
      text: sheet(
        { ...rest, clusterTime, documentKey: data.documentKey, operationDescription: data.operationDescription },
        data.backfill,
      ),
    }
  },
}

/** How far existing documents have been handed over. */
async function backfillData({ state, scanned, last }: NonNullable<Position['backfill']>, redactor: Redactor) {
  const { BSON } = await import('mongodb')
  return { state, scanned, last: last && redactor.document(BSON.EJSON.serialize({ _id: last.id }, { relaxed: true })) }
}

async function saved(app: App, name: string): Promise<Partial<Position> & Pick<Position, 'token'>> {
  const { loadPosition } = await import('@boletia/streams-core/admin')
  await using world = await openWorld(app, 'config optional')
  const position = await loadPosition(world.admin, name)
  if (position === null) throw new StreamError('NOTHING_SAVED', `${name} has no saved position`, { details: { stream: name } })
  return position
}

function sheet(
  {
    clusterTime,
    version,
    type,
    txnOpIndex,
    fromInvalidate,
    collectionUuid,
    operationType,
    documentKey,
    operationDescription,
    fragment,
  }: DecodedToken,
  backfill: Awaited<ReturnType<typeof backfillData>> | null,
): string {
  const rows = [
    ['time', formatTime(clusterDate(clusterTime))],
    ['order', `${clusterTime.i} within that second${txnOpIndex === 0 ? '' : `, ${txnOpIndex} within its transaction`}`],
    ['type', type === 'event' ? 'a change' : 'a point between changes (high-water mark)'],
    ['document', documentKey === null ? '-' : JSON.stringify(documentKey)],
    ['collection', collectionUuid ?? '-'],
    ['version', String(version)],
  ]
  if (operationType !== null) rows.push(['operation', operationType])
  if (operationDescription !== null) rows.push(['description', JSON.stringify(operationDescription)])
  if (fromInvalidate) rows.push(['invalidate', 'the stream ended here'])
  if (backfill !== null)
    rows.push(['backfill', `${backfill.scanned} documents were handed over, the last one ${JSON.stringify(backfill.last)}`])
  if (fragment !== null) rows.push(['fragment', String(fragment)])
  return table(rows)
}
