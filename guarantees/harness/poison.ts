/** A change that is one of a row of its key. */
export interface Numbered {
  readonly _id: string
  readonly key: number
  /** From 0 on, in the order of writing. */
  readonly n: number
}

/** The one that cannot be handled until somebody has mended it. */
export const isPoison = ({ key, n }: Pick<Numbered, 'key' | 'n'>) => key === 7 && n === 50

/** How it is handled: by a handler without a guard; by a projection in one transaction; by guarded bulk writes. */
export type ParkingKind = 'handle' | 'project' | 'guarded'
