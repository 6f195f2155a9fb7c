import { boletiaStreams } from '@boletia/handlers'
import { defineConfig } from 'boletia-streams'
import { databaseOf, namesDatabase } from './src/service/databaseOf.js'

// The services' own rule, for the address that they have too: in another database than theirs the streams would wait for changes in silence.
// What names its database (--uri, MONGODB_URI_FILE, MONGODB_URI itself) is for the command to read, and so is --db.
const { MONGODB_URI = '' } = process.env
const isOther = process.argv.some((word) => /^--(uri|db)(=|$)/.test(word))
const isForServices = MONGODB_URI !== '' && !isOther && !namesDatabase(MONGODB_URI)

// Where MongoDB is comes from MONGODB_URI or --uri; where mails go from MAIL_TRANSPORT and its companions, read when
// streamNotificacion starts: every other command works without them.
export default defineConfig({
  ...(isForServices && { database: databaseOf(MONGODB_URI) }),
  streams: boletiaStreams(),
  redact: ['email'],
})
