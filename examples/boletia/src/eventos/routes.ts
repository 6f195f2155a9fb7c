import type { FastifyInstance } from 'fastify'
import type { Collection } from 'mongodb'
import type { Evento } from '@boletia/handlers'
import { refuse } from '../http/errors.js'
import { errorReplies, exactly, text, textReply } from '../http/schemas.js'
import { cancelEvent } from './cancelEvent.js'
import { createEvent } from './createEvent.js'
import { type NewEventBody, eventReply, newEvent, toReply } from './schemas.js'

interface ByName {
  readonly Params: { readonly nombre: string }
}

const params = exactly({ nombre: text })

/** `POST`, `GET` and `DELETE` of `/eventos`; a DELETE is a change of state, nothing is ever deleted. */
export function eventosRoutes(app: FastifyInstance, eventos: Collection<Evento>): void {
  app.post<{ readonly Body: NewEventBody }>(
    '/eventos',
    {
      schema: {
        summary: 'Create an event',
        body: newEvent,
        response: { 200: eventReply, ...errorReplies('INVALID_INPUT', 'CONFLICT', 'PAYLOAD_TOO_LARGE') },
      },
    },
    async ({ body }, reply) => {
      const nombre = body.nombre ?? body.evento
      const done = await createEvent(eventos, { nombre, capacidad: body.capacidad, categoria: body.categoria })
      if (done.kind === 'duplicate') return refuse(reply, 'CONFLICT', 'there is an event of this name already')
      return toReply(done.evento)
    },
  )

  app.get(
    '/eventos',
    { schema: { summary: 'All events', response: { 200: { type: 'array', items: eventReply }, ...errorReplies() } } },
    async () => (await eventos.find().sort({ nombre: 1 }).toArray()).map(toReply),
  )

  app.get<ByName>(
    '/eventos/:nombre',
    { schema: { summary: 'One event', params, response: { 200: eventReply, ...errorReplies('INVALID_INPUT', 'NOT_FOUND') } } },
    async ({ params: { nombre } }, reply) => {
      const evento = await eventos.findOne({ nombre })
      return evento === null ? refuse(reply, 'NOT_FOUND', 'there is no event of this name') : toReply(evento)
    },
  )

  app.delete<ByName>(
    '/eventos/:nombre',
    {
      schema: {
        summary: 'Cancel an event',
        params,
        response: {
          200: textReply('Evento {nombre} cancelado'),
          ...errorReplies('INVALID_INPUT', 'NOT_FOUND', 'CONFLICT', 'PAYLOAD_TOO_LARGE'),
        },
      },
    },
    async ({ params: { nombre } }, reply) => {
      const done = await cancelEvent(eventos, nombre)
      if (done.kind === 'notFound') return refuse(reply, 'NOT_FOUND', 'there is no event of this name')
      if (done.kind === 'notActive') return refuse(reply, 'CONFLICT', 'the event is cancelled already')
      return reply.type('text/plain; charset=utf-8').send(`Evento ${nombre} cancelado`)
    },
  )
}
