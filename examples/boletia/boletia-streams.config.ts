import { boletiaStreams } from '@boletia/handlers'
import { defineConfig } from 'boletia-streams'

// Where MongoDB is comes from MONGODB_URI or --uri; where mails go from MAIL_TRANSPORT and its companions, read when
// streamNotificacion starts: every other command works without them.
export default defineConfig({
  database: 'boletia',
  streams: boletiaStreams(),
  redact: ['email'],
})
