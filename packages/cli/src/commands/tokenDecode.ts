import type { DecodedToken } from '@boletia/streams-core/admin'
import { StreamError } from '@boletia/streams-core/errors'
import type { Command } from 'commander'
import type { App } from '../app.js'
import { clusterDate, formatTime } from '../output/format.js'
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
    const { token, typeBits } = wanted.startsWith('stream:')
      ? await saved(app, wanted.slice('stream:'.length))
      : { token: wanted.replace(/^token:/, ''), typeBits: undefined }
    const { clusterTime, documentKey, operationDescription, ...rest } = decodeToken(token, typeBits)
    const { redactor } = app.terminal
    const data = {
      token,
      clusterTime: clusterDate(clusterTime),
      increment: clusterTime.i,
      ...rest,
      documentKey: redactor.document(documentKey),
      operationDescription: redactor.document(operationDescription),
    }
    return {
      schema: 'token.decode',
      data,
      text: sheet({ ...rest, clusterTime, documentKey: data.documentKey, operationDescription: data.operationDescription }),
    }
  },
}

async function saved(app: App, name: string): Promise<{ token: string; typeBits: Uint8Array | undefined }> {
  const { loadPosition } = await import('@boletia/streams-core/admin')
  await using world = await openWorld(app, 'config optional')
  const position = await loadPosition(world.admin, name)
  if (position === null) throw new StreamError('NOTHING_SAVED', `${name} has no saved position`, { details: { stream: name } })
  return { token: position.token, typeBits: position.typeBits }
}

function sheet({
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
}: DecodedToken): string {
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
  if (fragment !== null) rows.push(['fragment', String(fragment)])
  return table(rows)
}
