import { boletiaStreams } from '@boletia/handlers'
import { defineConfig } from 'boletia-streams'
import { databaseOf } from './src/service/databaseOf.js'

// Where MongoDB is comes from MONGODB_URI or --uri; where mails go from MAIL_TRANSPORT and its companions, read when
// streamNotificacion starts: every other command works without them.
export default defineConfig({
  // The services' own rule: in another database than theirs the streams would wait for changes in silence.
  database: databaseOf(process.env['MONGODB_URI'] ?? ''),
  streams: boletiaStreams(),
  redact: ['email'],
})
