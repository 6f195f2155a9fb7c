import { BSON } from 'mongodb'
import type { Change } from '../change.js'
import type { Position } from '../core/position.js'
import type { Delivered } from '../ports.js'
import { ownPosition } from './resumeToken.js'

/** A change that the driver has decoded; its position and its size are made when they are looked at. */
export class DriverChange implements Delivered {
  readonly change: Change
  #position: Position | null = null
  #bytes: number | null = null

  constructor(change: Change) {
    this.change = change
  }

  get position(): Position {
    return (this.#position ??= ownPosition(this.change._id))
  }

  get bytes(): number {
    return (this.#bytes ??= BSON.calculateObjectSize(this.change))
  }
}
