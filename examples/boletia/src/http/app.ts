import swagger from '@fastify/swagger'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import { answerClientError } from './clientError.js'
import { watchDraining } from './draining.js'
import { errorStatus, refuse } from './errors.js'
import { explainError } from './explainError.js'
import { explainSchema } from './explainSchema.js'
import { addHealth } from './health.js'
import { acceptOnlyJson, bodyLimit } from './jsonBody.js'
import { loggableError } from './loggableError.js'
import { logRequests } from './requestLog.js'
import { formats } from './schemas.js'

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

export interface AppOptions {
  readonly title: string
  readonly log: { readonly level: LogLevel; readonly stream: { write(line: string): void } }
  /** Rejects while MongoDB is away. */
  readonly ping: () => Promise<unknown>
  /** Adds the service's own routes. */
  readonly routes: (app: FastifyInstance) => void
}

// A name may be as long as a body lets it be, and each of its bytes takes three characters in a path: with Node's 16 KiB
// an event could be created that no path can name, and so never be cancelled.
const longestPath = 4 * bodyLimit

/** What both services share: JSON in and out, one shape of errors, health, the OpenAPI document, logs without personal data. */
export async function buildApp({ title, log, ping, routes }: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    logger: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    requestTimeout: 30_000,
    http: { maxHeaderSize: longestPath + 16 * 1024 },
    routerOptions: { maxParamLength: longestPath },
    // A request that arrives on an open connection while the service drains is served, and the connection closed.
    return503OnClosing: false,
    // Fastify's defaults turn "1" into 1 and drop unknown keys; here both are bad input.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, formats } },
    schemaErrorFormatter: explainSchema,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      const { code, message } = explainError(error)
      request.log.info({ method: request.method, route: null, status: errorStatus[code] }, 'request')
      void refuse(reply, code, message)
    },
  })
  acceptOnlyJson(app)
  logRequests(app)
  const isDraining = watchDraining(app)
  app.setErrorHandler((error, request, reply) => {
    const { code, message } = explainError(error)
    if (code === 'UNAVAILABLE' || code === 'INTERNAL') request.log.error({ code, error: loggableError(error) }, 'request failed')
    return refuse(reply, code, message)
  })
  app.setNotFoundHandler((_request, reply) => refuse(reply, 'NOT_FOUND', 'there is no such route; /openapi.json lists them'))

  await app.register(swagger, { openapi: { openapi: '3.1.0', info: { title, version: '1.0.0' } } })
  // A plugin, because @fastify/swagger sees the routes that are added after it has loaded.
  await app.register(async (scope) => {
    addHealth(scope, isDraining, ping)
    routes(scope)
    scope.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())
  })
  await app.ready()
  return app
}
