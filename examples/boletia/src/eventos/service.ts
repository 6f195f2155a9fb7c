import type { Evento } from '@boletia/handlers'
import type { Service } from '../service/startService.js'
import { eventosRoutes } from './routes.js'

export const eventosService: Service = {
  name: 'eventos',
  title: 'Boletia: eventos',
  port: 8070,
  indexes: { eventos: [{ key: { nombre: 1 }, unique: true }] },
  routes: (app, db) => eventosRoutes(app, db.collection<Evento>('eventos')),
}
