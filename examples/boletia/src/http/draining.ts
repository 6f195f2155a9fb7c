import type { FastifyInstance } from 'fastify'

/**
 * Tells whether the app is being closed, and closes each connection with its last answer: one that a client keeps alive would
 * hold the process until the grace is over.
 */
export function watchDraining(app: FastifyInstance): () => boolean {
  let draining = false
  app.addHook('preClose', (done) => {
    draining = true
    done()
  })
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (draining) void reply.header('connection', 'close')
    done()
  })
  return () => draining
}
