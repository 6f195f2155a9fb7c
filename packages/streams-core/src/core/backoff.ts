/** Full jitter between 0 and a ceiling that doubles from 50 ms to 30 s. `random` is in [0, 1). https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/ */
export function backoffMs(failures: number, random: number): number {
  return Math.round(random * Math.min(30_000, 50 * 2 ** Math.min(failures, 20)))
}
