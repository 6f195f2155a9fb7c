import type { FastifyInstance } from 'fastify'
import { refuse } from './errors.js'
import { errorReplies, exactly } from './schemas.js'

const up = { description: 'Yes', ...exactly({ status: { type: 'string', enum: ['ok'] } }) }

/**
 * `/livez`: the process answers; it never asks MongoDB, or an outage there would have a supervisor restart every service.
 * `/readyz`: requests can be served; 503 while MongoDB is away and from the moment that the service drains.
 */
export function addHealth(app: FastifyInstance, isDraining: () => boolean, ping: () => Promise<unknown>): void {
  app.get('/livez', { schema: { summary: 'Is the process alive?', response: { 200: up } } }, () => ({ status: 'ok' }))
  app.get(
    '/readyz',
    { schema: { summary: 'Can requests be served?', response: { 200: up, ...errorReplies() } } },
    async (_request, reply) => {
      if (isDraining()) return refuse(reply, 'UNAVAILABLE', 'the service is stopping')
      await ping()
      return { status: 'ok' }
    },
  )
}
