const bucketSize = 50
// Neighbours lie in different buckets, so that handlers have something to do side by side.
const side = 4

/** Changes are counted in documents of so many: small enough to update fast, few enough to read at once. */
export const bucketOf = (id: number) => Math.floor(id / (bucketSize * side)) * side + (id % side)
