import type { Position } from '@boletia/streams-core'
import type { DecodedToken, ScanToken } from '@boletia/streams-core/admin'
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
    const { decodeToken, scanToken } = await import('@boletia/streams-core/admin')
    const { token, typeBits, backfill } = wanted.startsWith('stream:')
      ? await saved(app, wanted.slice('stream:'.length))
      : { token: wanted.replace(/^token:/, '') }
    // Behind a document lies no token of the server's, but the one that was taken before the first, and the document's key.
    const scan = scanToken(token)
    const decoded = decodeToken(scan?.origin ?? token, scan === null ? typeBits : undefined)
    const { clusterTime, documentKey, operationDescription, ...rest } = decoded
    const { redactor } = app.terminal
    const data = {
      token,
      clusterTime: clusterDate(clusterTime),
      increment: clusterTime.i,
      ...rest,
      documentKey: redactor.document(documentKey),
      operationDescription: redactor.document(operationDescription),
      backfill: backfill === undefined ? scan && scanData(scan, redactor) : await backfillData(backfill, redactor),
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

/** The same as far as the token alone tells it. */
function scanData({ last }: ScanToken, redactor: Redactor) {
  return { state: last === null ? ('catching-up' as const) : ('scanning' as const), scanned: null, last: redactor.document(last) }
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
  backfill: Awaited<ReturnType<typeof backfillData>> | ReturnType<typeof scanData> | null,
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
  if (backfill !== null) rows.push(['backfill', backfillText(backfill)])
  if (fragment !== null) rows.push(['fragment', String(fragment)])
  return table(rows)
}

function backfillText({ scanned, last }: NonNullable<Parameters<typeof sheet>[1]>): string {
  if (scanned !== null) return `${scanned} documents were handed over, the last one ${JSON.stringify(last)}`
  return last === null ? 'behind all existing documents' : `behind the existing document ${JSON.stringify(last)}`
}
