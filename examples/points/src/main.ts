import { runStream } from '@boletia/streams-core'
import { MongoClient } from 'mongodb'
import { points } from './points.js'

const uri = process.env['MONGODB_URI']
if (uri === undefined) throw new Error('Set MONGODB_URI=mongodb://host/database?replicaSet=…')
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
const client = await new MongoClient(uri).connect()
await runStream(points, { client, signal: stop.signal }).done
await client.close()
