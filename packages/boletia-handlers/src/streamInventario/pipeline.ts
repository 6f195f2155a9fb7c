/**
 * Updates that carry a reservation request or the cancellation, as the change itself says; what streamReserva gives back is left out.
 * A request written by parts (`reserva.email`, `reserva.cantidad` …, or an update pipeline) has a field whose *name* is `reserva._id`,
 * which a path does not reach: `$getField` does. It is let through so that the handler can refuse it instead of losing a reservation.
 */
export const pipeline = [
  {
    $match: {
      operationType: 'update',
      $or: [
        { 'updateDescription.updatedFields.reserva': { $exists: true } },
        { 'updateDescription.updatedFields.estado': 'C' },
        {
          $expr: {
            $ne: [{ $type: { $getField: { field: 'reserva._id', input: '$updateDescription.updatedFields' } } }, 'missing'],
          },
        },
      ],
    },
  },
]
