import type { FastifyInstance } from 'fastify'

/**
 * One line a request: method, route *pattern*, status, milliseconds. Never the URL, the body or a header: the path
 * `/reservas/{evento}/{email}` would put an address into the log, which is why Fastify's own request lines are off.
 */
export function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? null
    const line = { method: request.method, route, status: reply.statusCode, durationMs: Math.round(reply.elapsedTime) }
    if (route === '/livez' || route === '/readyz') request.log.debug(line, 'request')
    else request.log.info(line, 'request')
    done()
  })
}
