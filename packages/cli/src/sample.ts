const config = `import { defineConfig } from 'boletia-streams'
import { orderLines } from './streams/orderLines.js'

// Where MongoDB is: MONGODB_URI, or uri here. It must be a replica set; one member is enough.
export default defineConfig({
  streams: [orderLines],
  // Fields with personal data: their values never appear in any output.
  redact: ['email'],
})
`

const stream = `import { defineStream } from '@boletia/streams-core'
import { insertOnce } from '@boletia/streams-core/guards'
import type { ObjectId } from 'mongodb'

interface Order {
  _id: ObjectId
  item: string
  quantity: number
}

// Each new order becomes a line, exactly once, also when this process is killed in the midst of it.
// Try it: insert {item: 'ticket', quantity: 2} into orders, and look into orderLines.
export const orderLines = defineStream<Order>({
  name: 'orderLines',
  watch: { collection: 'orders' },
  pipeline: [{ $match: { operationType: 'insert' } }],
  targets: { lines: { collection: 'orderLines' } },
  project(change) {
    if (change.operationType !== 'insert') return []
    const { _id, item, quantity } = change.fullDocument
    return [insertOnce({ target: 'lines', document: { _id, text: \`\${quantity} × \${item}\` } })]
  },
})
`

/** What \`init\` writes, by path. */
export const sampleFiles: Readonly<Record<string, string>> = {
  'boletia-streams.config.ts': config,
  'streams/orderLines.ts': stream,
}
