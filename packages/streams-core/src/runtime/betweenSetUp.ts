import { withError } from '../errorBehind.js'
import { type Surroundings, lifecycleContext } from './changeContext.js'

/**
 * Does `work` between the stream's set-up and its tear-down, which is done however the work ended. Rejects with what the work threw, else with
 * what the tear-down did: why the work ended decides what becomes of the stream, and a connection that is gone mostly makes both fail.
 */
export async function betweenSetUp<T>(worker: Surroundings, work: () => Promise<T>): Promise<T> {
  const { stream, log } = worker
  await stream.setup?.(lifecycleContext(worker))
  let result: T
  try {
    result = await work()
  } catch (error) {
    try {
      await stream.teardown?.(lifecycleContext(worker))
    } catch (failure) {
      log.error(withError({}, failure), 'the tear-down failed as well')
    }
    throw error
  }
  await stream.teardown?.(lifecycleContext(worker))
  return result
}
