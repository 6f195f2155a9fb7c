// An independent checker: reads the collections and the mails with the bare driver and says PASS or FAIL.
import { MongoError } from 'mongodb'
import { judge } from './check/judge.js'
import { type CheckOptions, parseOptions, usage } from './check/options.js'
import { readAccepted, readCollections, readMails } from './check/read.js'
import { reportText } from './check/text.js'

const parsed = parseOptions(process.argv.slice(2), process.env)
if (parsed.kind === 'check') process.exitCode = await check(parsed.options)
else if (parsed.kind === 'help') console.log(usage)
else {
  console.error(`check: ${parsed.why}\n\n${usage}`)
  process.exitCode = 2
}

/** Prints the verdict; returns the exit code. */
async function check({ uri, database, mails, accepted, json }: CheckOptions): Promise<number> {
  try {
    const found = await readCollections(uri, database)
    const report = judge(found, await readMails(mails), accepted === null ? null : await readAccepted(accepted))
    console.log(json ? JSON.stringify(report) : reportText(report))
    return report.pass ? 0 : 1
  } catch (error) {
    const { name, message, code } = error as NodeJS.ErrnoException
    if (error instanceof MongoError) {
      console.error(`check: MongoDB cannot be read (${name}): look at MONGODB_URI and whether the replica set is up`)
      return 8
    }
    if (typeof code === 'string' && code.startsWith('E')) {
      console.error(`check: ${message}`)
      return 2
    }
    throw error
  }
}
