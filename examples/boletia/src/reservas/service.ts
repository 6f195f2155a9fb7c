import type { Inventario, Reserva } from '@boletia/handlers'
import type { Service } from '../service/startService.js'
import { inventoryRoutes } from './inventoryRoutes.js'
import { reservasRoutes } from './routes.js'

export const reservasService: Service = {
  name: 'reservas',
  title: 'Boletia: reservas',
  port: 8071,
  indexes: {
    inventario: [{ key: { nombre: 1 }, unique: true }],
    reservas: [{ key: { evento: 1, email: 1 } }],
  },
  routes: (app, db) => {
    const inventario = db.collection<Inventario>('inventario')
    inventoryRoutes(app, inventario)
    reservasRoutes(app, inventario, db.collection<Reserva>('reservas'))
  },
}
