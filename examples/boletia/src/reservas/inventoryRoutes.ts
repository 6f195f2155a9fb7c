import type { FastifyInstance } from 'fastify'
import type { Collection } from 'mongodb'
import type { Inventario } from '@boletia/handlers'
import { refuse } from '../http/errors.js'
import { errorReplies, exactly, text } from '../http/schemas.js'
import { inventoryAliasReply, inventoryReply, inventoryToAlias, inventoryToReply } from './schemas.js'

interface View {
  readonly path: string
  readonly shape: object
  readonly toReply: (found: Inventario) => object
}

/** What is left, under two names: `/reservas/inventario`, and `/reservas/eventos` in the API Gateway front end's shape. */
export function inventoryRoutes(app: FastifyInstance, inventario: Collection<Inventario>): void {
  const params = exactly({ nombre: text })
  const views: readonly View[] = [
    { path: '/reservas/inventario', shape: inventoryReply, toReply: inventoryToReply },
    { path: '/reservas/eventos', shape: inventoryAliasReply, toReply: inventoryToAlias },
  ]

  for (const { path, shape, toReply } of views) {
    app.get(
      path,
      {
        schema: { summary: 'What is left of every event', response: { 200: { type: 'array', items: shape }, ...errorReplies() } },
      },
      async () => (await inventario.find().sort({ nombre: 1 }).toArray()).map((found) => toReply(found)),
    )
    app.get<{ readonly Params: { readonly nombre: string } }>(
      `${path}/:nombre`,
      {
        schema: {
          summary: 'What is left of one event',
          params,
          response: { 200: shape, ...errorReplies('INVALID_INPUT', 'NOT_FOUND') },
        },
      },
      async ({ params: { nombre } }, reply) => {
        const found = await inventario.findOne({ nombre })
        return found === null ? refuse(reply, 'NOT_FOUND', 'there is no event of this name') : toReply(found)
      },
    )
  }
}
