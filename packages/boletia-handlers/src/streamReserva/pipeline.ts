/**
 * The moment at which a customer cancels, and nothing else. Matching `fullDocument.estado` instead would also match every later
 * update of a cancelled reservation, and give its tickets back again.
 */
export const pipeline = [{ $match: { operationType: 'update', 'updateDescription.updatedFields.estado': 'X' } }]
