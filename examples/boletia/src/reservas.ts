// The program behind `npm run reservas`.
import { reservasService } from './reservas/service.js'
import { runService } from './service/runService.js'

await runService(reservasService)
