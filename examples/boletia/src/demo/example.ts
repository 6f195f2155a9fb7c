import { readMails } from '../check/read.js'
import type { Reply, ReservationReply } from './api.js'
import { eventually } from './eventually.js'
import type { Stage } from './stage.js'
import type { Tally } from './tally.js'
import type { Tell } from './tell.js'

const nombre = 'Concierto'
const email = 'ana@example.org'

/** The worked example: capacity 30; reserve 1 and 10, give the 10 back, cancel the event. A line per step, written when its effects are there. */
export async function playExample({ api, mailFolder, signal }: Stage, tell: Tell, tally: Tally): Promise<void> {
  async function step(what: string, ask: () => Promise<Reply<unknown>>, expected: number, ...effects: (() => Promise<string>)[]) {
    tell.asked(`  ${what.padEnd(32)} → `)
    const { status, body } = await ask()
    if (status !== expected) throw new Error(`${what}: ${expected} was due, not ${status} ${JSON.stringify(body)}`)
    tell.asked(String(status))
    for (const [index, effect] of effects.entries()) tell.asked(`${index === 0 ? '  ' : ' · '}${await effect()}`)
    tell()
  }
  const reserve = (cantidad: number) => async () => {
    const reply = await api.reserve(nombre, cantidad, email)
    if (reply.status === 200) tally.accepted.push(reply.body.Id)
    return reply
  }
  const newest = () => tally.accepted.at(-1) as string
  const left =
    (due: number, estado = 'A') =>
    async () => {
      await eventually(
        `${due} left`,
        async () => {
          const { status, body } = await api.left(nombre)
          return (status === 200 && body.Disponible === due && body.Estado === estado) || undefined
        },
        { signal },
      )
      return estado === 'A' ? `disponible ${due}` : `inventario ${estado}`
    }
  const state = (id: () => string, due: string) => async () => {
    const { Cantidad } = await eventually(
      `the reservation in ${due}`,
      async (): Promise<ReservationReply | undefined> => {
        const { status, body } = await api.reservation(id())
        return status === 200 && body.Estado === due ? body : undefined
      },
      { signal },
    )
    return `reserva of ${Cantidad}: ${due}`
  }
  const mail = (id: () => string, estado: string) => async () => {
    const [found] = await eventually(
      `the mail of ${estado}`,
      async () => {
        const mails = await readMails(mailFolder, `${id()}-${estado}-`)
        return mails.length > 0 ? mails : undefined
      },
      { signal },
    )
    return `mail “${found?.text.split(`evento ${nombre} `)[1]}”`
  }

  await step(`POST /eventos ${nombre} 30`, () => api.createEvent(nombre, 30), 200, left(30))
  await step('POST /reservas 1', reserve(1), 200, left(29), state(newest, 'A'), mail(newest, 'A'))
  const one = newest()
  await step('POST /reservas 10', reserve(10), 200, left(19), state(newest, 'A'), mail(newest, 'A'))
  const ten = newest()
  await step(
    'DELETE /reservas/{the 10}',
    () => api.cancelReservation(ten),
    200,
    left(29),
    state(() => ten, 'X'),
    mail(() => ten, 'X'),
  )
  await step(
    `DELETE /eventos/${nombre}`,
    () => api.cancelEvent(nombre),
    200,
    left(29, 'C'),
    state(() => one, 'C'),
    state(() => ten, 'X'),
    mail(() => one, 'C'),
  )
  await step('POST /reservas 1', reserve(1), 409, () => Promise.resolve('the event is cancelled'))
  tally.byCustomers += 1
  tally.byOrganizers += 1
  tally.refused += 1
}
