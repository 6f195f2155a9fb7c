// An oplog of 1 MB that forgets the saved position within seconds.
import path from 'node:path'
import { startReplicaSet } from '@boletia/streams-core/testing'
import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { oplogForgets } from '../../../test/support/oplogForgets.js'
import { failure } from '../src/contracts/index.js'
import { boletiaStreams, fixtures } from './program.js'

test('a position that the oplog has forgotten: HISTORY_LOST, exit 6, and where to go on from', async () => {
  await using set = await startReplicaSet({ oplogSizeMb: 1, args: ['--syncdelay', '1'] })
  const uri = set.uriFor('boletia_test_lost')
  const at = { cwd: path.join(fixtures, 'errors'), env: { MONGODB_URI: uri } }
  await using client = new MongoClient(uri)
  await client.db().createCollection('reservas')
  expect(await boletiaStreams(['run', 'streamReserva', '--once'], at)).toMatchObject({ code: 0 })
  const { token } = (await client.db().collection('stream').findOne()) as unknown as { token: string }
  await oplogForgets(client, client.db(), parseInt(token.slice(2, 10), 16))
  const { code, stdout } = await boletiaStreams(['run', 'streamReserva', '--once', '--json'], at)
  const { error } = failure.parse(JSON.parse(stdout))
  expect({ code, error: error.code }).toEqual({ code: 6, error: 'HISTORY_LOST' })
  expect(error.nextActions.map(({ command }) => command).join('\n')).toContain(
    'boletia-streams reset streamReserva --to earliest',
  )
})
