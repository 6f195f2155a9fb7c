/** New reservations, and those that become `C` or `X`, as the change itself says: another update is no news for the customer. */
export const pipeline = [
  {
    $match: {
      $or: [
        { operationType: 'insert' },
        { operationType: 'update', 'updateDescription.updatedFields.estado': { $in: ['C', 'X'] } },
      ],
    },
  },
]
