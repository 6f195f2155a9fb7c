import { eventually } from './eventually.js'
import type { Stage } from './stage.js'
import type { Tally } from './tally.js'

const customers = 16
const requests = 300
// Beside the cancellations.
const lateRequests = 35

const programme = [
  { nombre: 'Carmen', capacidad: 180 },
  { nombre: 'Don Giovanni', capacidad: 300 },
  { nombre: 'Clásico / vuelta', capacidad: 225 },
  // Sold out before everybody was asked.
  { nombre: 'Los Ñandúes (íntimo)', capacidad: 35 },
  // The organizers cancel it, while customers still ask for it and give tickets back.
  { nombre: 'Final de Copa', capacidad: 240 },
] as const

/** One round of the load, on events of its own. `answered` moves while a part runs: it tells when the load is under way. */
export interface Wave {
  readonly answered: number
  /** 300 requests for one to four tickets. Resolves when all are answered. */
  reserve(): Promise<void>
  /** Every third customer gives tickets back, the organizers cancel an event, and more requests come in between. */
  giveBack(): Promise<void>
}

/** How many requests a part makes at least. */
export const partSize = { reserve: requests, giveBack: 60 } as const

export async function openWave({ api, signal }: Stage, tally: Tally, number: number): Promise<Wave> {
  const names = programme.map(({ nombre }) => (number === 1 ? nombre : `${nombre} ${number}`))
  const granted: string[] = []
  let answered = 0
  await Promise.all(
    programme.map(async ({ capacidad }, index) => {
      const nombre = names[index] as string
      const { status } = await api.createEvent(nombre, capacidad)
      if (status !== 200) throw new Error(`the event ${nombre} was refused with ${status}`)
      await eventually(`the inventory of ${nombre}`, async () => (await api.left(nombre)).status === 200 || undefined, { signal })
    }),
  )

  const request = (index: number) => async () => {
    const evento = names[index % names.length] as string
    const { status, body } = await api.reserve(evento, 1 + ((index % 7) % 4), `cliente${index % 40}@example.org`)
    answered += 1
    if (status === 409) tally.refused += 1
    else if (status === 200) {
      granted.push(body.Id)
      tally.accepted.push(body.Id)
    } else throw new Error(`a request for tickets was answered with ${status}`)
  }
  const cancellation = (id: string) => async () => {
    // 404 until the stream has made the reservation.
    const there = async () => {
      const { status } = await api.cancelReservation(id)
      return status === 404 ? undefined : status
    }
    const status = await eventually('a reservation to give back', there, { signal })
    answered += 1
    if (status === 200) tally.byCustomers += 1
    else tally.tooLate += 1
  }
  const organizers = async () => {
    const { status } = await api.cancelEvent(names.at(-1) as string)
    if (status !== 200) throw new Error(`the event could not be cancelled: ${status}`)
    tally.byOrganizers += 1
  }

  return {
    get answered() {
      return answered
    },
    async reserve() {
      answered = 0
      await allOf(Array.from({ length: requests }, (_, index) => request(index)))
    },
    async giveBack() {
      answered = 0
      // All at once: while streamInventario still makes reservations, each could only be given back at its pace.
      await eventually(
        'the last reservation',
        async () => (await api.reservation(granted.at(-1) as string)).status === 200 || undefined,
        {
          signal,
        },
      )
      const back = granted.filter((_, index) => index % 3 === 0).map(cancellation)
      const more = Array.from({ length: lateRequests }, (_, index) => request(index + 1))
      const half = Math.floor(back.length / 2)
      await allOf([
        ...back.slice(0, half),
        organizers,
        ...back.slice(half).flatMap((task, index) => [task, ...more.slice(index, index + 1)]),
      ])
    },
  }
}

/** As many customers at once as there may be, each with the next task as soon as one is done. */
async function allOf(tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const queue = tasks.values()
  const customer = async () => {
    for (const task of queue) await task()
  }
  await Promise.all(Array.from({ length: customers }, customer))
}
