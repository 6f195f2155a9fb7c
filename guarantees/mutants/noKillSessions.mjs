// Rule 9 left out: whoever takes over leaves open what the former owner had open, the transaction that holds the checkpoint among it.
export { ownSessions } from '../../packages/streams-core/dist/mongo/ownSessions.js'

export async function killSessions() {}
