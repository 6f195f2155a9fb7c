import { Timestamp } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { defineStream, runStream } from '../../src/index.js'
import { testDatabase } from '../../src/testing/index.js'

test('a saved position ahead of the server, as after a restore of older data, ends the run instead of being waited for in silence', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const stream = defineStream({ name: 's', watch: { collection: 'source' }, handle: () => undefined })
  const run = (reader?: 'driver') =>
    runStream(stream, { client: place.client, until: 'caught-up', ...(reader && { reader }) }).done
  await run()
  const states = place.db.collection<{ _id: string; token: string; clusterTime: Timestamp }>('stream')
  const { token, clusterTime } = (await states.findOne({ _id: 's' }))!
  const moveAhead = async (seconds: number) => {
    const t = clusterTime.t + seconds
    const ahead = token.replace(/^82[0-9A-F]{8}/, `82${t.toString(16).toUpperCase().padStart(8, '0')}`)
    await states.updateOne({ _id: 's' }, { $set: { token: ahead, clusterTime: new Timestamp({ t, i: clusterTime.i }) } })
    return ahead
  }
  const ahead = await moveAhead(3600)
  for (const reader of [undefined, 'driver'] as const)
    await expect(run(reader)).rejects.toMatchObject({ code: 'FUTURE_TIME', details: { stream: 's', saved: true } })
  expect((await states.findOne({ _id: 's' }))!.token).toBe(ahead)
  await moveAhead(0)
  expect(await run()).toMatchObject({ reason: 'caught-up' })
})
