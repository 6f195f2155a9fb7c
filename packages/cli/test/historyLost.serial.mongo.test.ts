// An oplog of 1 MB that forgets the saved position within seconds.
import path from 'node:path'
import { startReplicaSet, testDatabase } from '@boletia/streams-core/testing'
import { expect, test } from 'vitest'
import { oplogForgets } from '../../../test/support/oplogForgets.js'
import { failure } from '../src/contracts/index.js'
import { boletiaStreams, fixtures } from './program.js'

test('a position that the oplog has forgotten: HISTORY_LOST, exit 6, and where to go on from', async () => {
  await using set = await startReplicaSet({ auth: true, oplogSizeMb: 1, args: ['--syncdelay', '1'] })
  await using database = await testDatabase(set.uri)
  const { db, admin } = database
  const at = { cwd: path.join(fixtures, 'errors'), env: { MONGODB_URI: database.uri } }
  await db.createCollection('reservas')
  expect(await boletiaStreams(['run', 'streamReserva', '--once'], at)).toMatchObject({ code: 0 })
  const { token } = (await db.collection('stream').findOne()) as unknown as { token: string }
  await oplogForgets(admin.client, admin, parseInt(token.slice(2, 10), 16))
  const { code, stdout } = await boletiaStreams(['run', 'streamReserva', '--once', '--json'], at)
  const { error } = failure.parse(JSON.parse(stdout))
  expect({ code, error: error.code }).toEqual({ code: 6, error: 'HISTORY_LOST' })
  expect(error.nextActions.map(({ command }) => command).join('\n')).toContain(
    'boletia-streams reset streamReserva --to earliest',
  )

  // On a stream that is well, a replay from there and a look back there lead to no reset of it.
  const earliest = ['reset', 'streamReserva', '--to', 'earliest', '--execute', '--confirm', 'streamReserva']
  expect(await boletiaStreams(earliest, at)).toMatchObject({ code: 0 })
  const commands = async (...args: string[]) => {
    const refused = await boletiaStreams([...args, '--json'], at)
    const told = failure.parse(JSON.parse(refused.stdout)).error
    expect({ code: refused.code, error: told.code }).toEqual({ code: 6, error: 'HISTORY_LOST' })
    return told.nextActions.map(({ command }) => command)
  }
  const status = 'boletia-streams status streamReserva'
  expect(await commands('replay', 'streamReserva', '--from', '-1d')).toEqual([
    'boletia-streams replay streamReserva --from earliest',
    status,
  ])
  expect(await commands('peek', 'streamReserva', '--before', '1d')).toEqual([
    'boletia-streams peek streamReserva --before <shorter>',
    status,
  ])
})
