/** What was asked over HTTP and answered, over the whole demo. */
export interface Tally {
  /** Ids of all granted requests: the checker asks for each of them. */
  readonly accepted: string[]
  /** Requests for tickets that got 409: too few left, or the event was cancelled. */
  refused: number
  byCustomers: number
  /** Cancellations of customers that got 409: the organizers were first. */
  tooLate: number
  byOrganizers: number
}

export function newTally(): Tally {
  return { accepted: [], refused: 0, byCustomers: 0, tooLate: 0, byOrganizers: 0 }
}
