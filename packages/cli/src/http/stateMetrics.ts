import type { StreamStatus } from '@boletia/streams-core/admin'
import type { Registry } from 'prom-client'
import { gauge } from './gauge.js'
import type { Look } from './looks.js'

const seconds = (ms: number | null) => (ms === null ? null : ms / 1000)

const figures: readonly (readonly [name: string, help: string, of: (status: StreamStatus, at: number) => number | null])[] = [
  ['lag_seconds', 'Age of the oldest unsettled change; 0 when caught up.', ({ lagMs }) => seconds(lagMs)],
  ['headroom_seconds', 'Time until the oplog forgets the position.', ({ headroomMs }) => seconds(headroomMs)],
  ['stuck_seconds', 'Time behind at the same position.', ({ stuckMs }) => seconds(stuckMs)],
  [
    'position_timestamp_seconds',
    'Cluster time of the saved position.',
    ({ position }) => seconds(position?.clusterTime.getTime() ?? null),
  ],
  ['parked', 'Parked changes.', ({ parked }) => parked],
  ['held', 'Changes that wait behind a parked one of their key.', ({ held }) => held],
  [
    'parked_oldest_seconds',
    'How long the oldest of them has been parked; absent when none is.',
    ({ parkedSince }, at) => (parkedSince === null ? null : Math.max(0, at - parkedSince.getTime()) / 1000),
  ],
  ['epoch', 'Epoch of the live lease; it rises with every owner.', ({ lease }) => lease?.epoch ?? null],
  ['restarts', 'Runs that ended without a clean stop.', ({ restarts }) => restarts],
]

/** What the saved state says, as `status` does. Absent where it is not known: no figure is made up. */
export function stateMetrics(registry: Registry, last: () => Look | null, now: () => number): void {
  for (const [name, help, of] of figures) {
    gauge(registry, `boletia_stream_${name}`, help, ['stream'], (set) => {
      const look = last()
      for (const status of look?.statuses ?? []) {
        const value = of(status, look!.at)
        if (value !== null) set({ stream: status.name }, value)
      }
    })
  }
  gauge(registry, 'boletia_stream_state', 'The state a stream is in: 1 for it.', ['stream', 'state'], (set) => {
    for (const { name, state } of last()?.statuses ?? []) set({ stream: name, state }, 1)
  })
  const ageHelp = 'How long ago the saved state was looked at; absent before the first time.'
  gauge(registry, 'boletia_streams_look_age_seconds', ageHelp, [], (set) => {
    const look = last()
    if (look !== null) set({}, (now() - look.at) / 1000)
  })
}
