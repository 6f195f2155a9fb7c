// The program behind `npm run eventos`.
import { eventosService } from './eventos/service.js'
import { runService } from './service/runService.js'

await runService(eventosService)
