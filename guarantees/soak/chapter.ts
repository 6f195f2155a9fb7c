import { startTrial, type Trial, type TrialOptions } from '../harness/trial.js'
import { type Figures, add, isGood } from './report.js'
import type { Chapter, Round } from './schedule.js'

export interface ChapterOptions extends Omit<TrialOptions, 'mode'> {
  readonly chapter: Chapter
  readonly number: number
  readonly figures: Figures
  isInterrupted(): boolean
  log(line: string): void
}

/**
 * Does all rounds of a chapter and adds what the checker found to the figures. Whatever stalls or ends by itself ends the chapter as
 * stuck: a supervisor would be needed. True when all is well; then the chapter's database is dropped.
 */
export async function runChapter({ chapter, number, figures, isInterrupted, log, ...options }: ChapterOptions): Promise<boolean> {
  await using trial = startTrial({ ...options, mode: chapter.mode })
  let fault = 0
  for (const [index, round] of chapter.rounds.entries()) {
    if (isInterrupted()) break
    const name = `${number}.${index + 1} ${chapter.mode} ${words(round)}`
    try {
      log(`${name}: ${await done(trial, round, figures)}`)
    } catch (error) {
      log(`${name}: ${error instanceof Error ? error.message : String(error)}`)
      fault = 1
      break
    }
  }
  const counted = await trial.verdict()
  const verdict = { ...counted, stuck: Math.max(counted.stuck, fault) }
  add(figures, verdict)
  log(`${number} ${chapter.mode}: ${JSON.stringify(verdict)}`)
  if (isGood(verdict)) {
    await trial.db.dropDatabase()
    return true
  }
  for (const collection of ['stream', 'stream.leases'])
    log(JSON.stringify(await trial.db.collection(collection).find().toArray()))
  return false
}

async function done(trial: Trial, round: Round, { afterKill, afterFreeze }: Figures): Promise<string> {
  switch (round.kind) {
    case 'move':
      await trial.move(round.point, round.byMs)
      return 'killed'
    case 'zombie': {
      const { takeoverMs, code } = await trial.zombie(round)
      if (takeoverMs !== null) (code === 'killed early' ? afterKill : afterFreeze).push(takeoverMs)
      return `${code}${taken(takeoverMs)}`
    }
    case 'kill':
    case 'kill after': {
      const { takeoverMs } = round.kind === 'kill' ? await trial.kill(round) : await trial.killAfter(round.ms)
      if (takeoverMs !== null) afterKill.push(takeoverMs)
      return `killed${taken(takeoverMs)}`
    }
  }
}

const taken = (ms: number | null) => (ms === null ? '' : `, taken over in ${ms} ms`)

function words(round: Round): string {
  const { kind, ...rest } = round
  return `${kind} ${JSON.stringify(rest)}`
}
