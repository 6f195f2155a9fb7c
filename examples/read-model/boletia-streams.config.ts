import { defineConfig } from 'boletia-streams'
import { streams } from './src/streams.js'

// Where MongoDB is comes from MONGODB_URI or --uri; its path names the database.
export default defineConfig({ streams })
