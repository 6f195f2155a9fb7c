import type { FastifyInstance } from 'fastify'
import { type Collection, ObjectId } from 'mongodb'
import type { Inventario, Reserva } from '@boletia/handlers'
import { refuse } from '../http/errors.js'
import { email, errorReplies, exactly, id, text, textReply } from '../http/schemas.js'
import { cancelReservation } from './cancelReservation.js'
import { reserve } from './reserve.js'
import { type NewReservationBody, newReservation, reservationReply, reservationToReply } from './schemas.js'

interface ById {
  readonly Params: { readonly Id: string }
}

const params = exactly({ Id: id })

/** Reservations: asked for in `inventario`, created in `reservas` by the stream, cancelled there. */
export function reservasRoutes(app: FastifyInstance, inventario: Collection<Inventario>, reservas: Collection<Reserva>): void {
  app.post<{ readonly Body: NewReservationBody }>(
    '/reservas',
    {
      schema: {
        summary: 'Reserve tickets',
        body: newReservation,
        response: {
          200: reservationReply,
          ...errorReplies('INVALID_INPUT', 'NOT_FOUND', 'CONFLICT', 'NOT_ENOUGH', 'PAYLOAD_TOO_LARGE'),
        },
      },
    },
    async ({ body }, reply) => {
      const done = await reserve(inventario, body)
      if (done.kind === 'reserved') return reservationToReply(done.reserva)
      if (done.kind === 'notFound') return refuse(reply, 'NOT_FOUND', 'there is no event of this name')
      if (done.kind === 'notActive') return refuse(reply, 'CONFLICT', 'the event is cancelled')
      return refuse(reply, 'NOT_ENOUGH', 'there are not enough tickets left')
    },
  )

  app.get<ById>(
    '/reservas/:Id',
    {
      schema: {
        summary: 'One reservation',
        description: '404 until the stream has created it',
        params,
        response: { 200: reservationReply, ...errorReplies('INVALID_INPUT', 'NOT_FOUND') },
      },
    },
    async ({ params: { Id } }, reply) => {
      const reserva = await reservas.findOne({ _id: new ObjectId(Id) })
      return reserva === null
        ? refuse(reply, 'NOT_FOUND', 'there is no reservation of this Id (yet)')
        : reservationToReply(reserva)
    },
  )

  app.get<{ readonly Params: { readonly evento: string; readonly email: string } }>(
    '/reservas/:evento/:email',
    {
      schema: {
        summary: "A customer's reservations for an event",
        params: exactly({ evento: text, email }),
        response: { 200: { type: 'array', items: reservationReply }, ...errorReplies('INVALID_INPUT') },
      },
    },
    async ({ params: { evento, email: address } }) =>
      (await reservas.find({ evento, email: address }).sort({ _id: 1 }).toArray()).map(reservationToReply),
  )

  app.delete<ById>(
    '/reservas/:Id',
    {
      schema: {
        summary: 'Cancel a reservation',
        params,
        response: {
          200: textReply('Reserva Id {Id} cancelada'),
          ...errorReplies('INVALID_INPUT', 'NOT_FOUND', 'CONFLICT', 'PAYLOAD_TOO_LARGE'),
        },
      },
    },
    async ({ params: { Id } }, reply) => {
      const _id = new ObjectId(Id)
      const done = await cancelReservation(reservas, _id)
      if (done.kind === 'notFound') return refuse(reply, 'NOT_FOUND', 'there is no reservation of this Id (yet)')
      if (done.kind === 'notActive') return refuse(reply, 'CONFLICT', 'the reservation is cancelled already')
      return reply.type('text/plain; charset=utf-8').send(`Reserva Id ${_id.toHexString()} cancelada`)
    },
  )
}
