/**
 * Inserts and updates; which updates count is decided by the handler. `disponible` is not added here: `$addFields` turns a
 * null `fullDocument` into `{}`, and the handler could no longer tell that the document is gone.
 */
export const pipeline = [{ $match: { operationType: { $in: ['insert', 'update'] } } }]
