// A dead letter that is written after the checkpoint that passes its change, instead of with it.
import { parkingOf as original } from '../../packages/streams-core/dist/runtime/parking.js'

export { failureOf, noParking } from '../../packages/streams-core/dist/runtime/parking.js'

export function parkingOf(worker, before) {
  const parking = original(worker, before)
  return {
    ...parking,
    add: async () => undefined,
    added(letters) {
      parking.added(letters)
      if (letters.length > 0) void parking.add(letters, undefined)
    },
  }
}
