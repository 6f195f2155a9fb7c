/** Changes are counted in documents of so many: small enough to update fast, few enough to read at once. */
export const bucketSize = 50

export const bucketOf = (id: number) => Math.floor(id / bucketSize)
