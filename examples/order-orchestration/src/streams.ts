import { sagaNext, sagaStart } from './orchestrator.js'
import { payment, reservation, reservationAnswers, supplier } from './participants.js'

export const streams = [sagaStart, sagaNext, reservation, reservationAnswers, payment, supplier]
