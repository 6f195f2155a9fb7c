/** An operator's pause that counts now; `remainingMs` null: until it is taken back. `seenBy`: the worker that has stopped handing out. */
export interface CurrentPause {
  readonly reason: string
  readonly remainingMs: number | null
  readonly seenBy: string | null
}

/** What operators ask of a running worker. */
export interface PauseStore {
  load(name: string): Promise<CurrentPause | null>
  /** Tells operators that this worker has nothing in hand any more; does nothing when the pause is over. */
  seen(name: string, owner: string): Promise<void>
}
