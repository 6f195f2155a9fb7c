import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Report } from '../check/report.js'
import { checkProgram } from './programs.js'
import type { Stage } from './stage.js'
import type { Tally } from './tally.js'

/** What the checker says, a process of its own that knows nothing of the demo but the Ids that were granted. */
export async function verdict(stage: Stage, { accepted }: Tally): Promise<Report> {
  const file = path.join(stage.folder, 'accepted')
  await writeFile(file, accepted.map((id) => `${id}\n`).join(''))
  const { code, stdout } = await stage.children.run(checkProgram(file, stage), [0, 1])
  const report = JSON.parse(stdout) as Report
  // The exit code is what scripts go by: both must say the same.
  return { ...report, pass: report.pass && code === 0 }
}
