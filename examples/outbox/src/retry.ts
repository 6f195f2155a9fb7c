// The retry job as a program, for cron or a timer: MONGODB_URI=… node examples/outbox/dist/retry.js
import { MongoClient } from 'mongodb'
import { retryFailed } from './shop.js'

const client = new MongoClient(process.env['MONGODB_URI'] ?? '')
await retryFailed(client.db())
await client.close()
