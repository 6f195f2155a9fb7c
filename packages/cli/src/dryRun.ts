import type { RunOptions, RunSummary, Stream } from '@boletia/streams-core'
import type { Decision } from '@boletia/streams-core/admin'
import type { App } from './app.js'
import { clusterDate, formatTime } from './output/format.js'
import type { World } from './world/open.js'

export interface DryRunCall {
  readonly streams: readonly Stream[]
  readonly ending: Pick<RunOptions, 'until' | 'max'>
  readonly signal: AbortSignal
  /** JSON lines instead of text. */
  readonly jsonl: boolean
}

/** Prints what a run would do with each change; nothing is done. */
export async function dryRunTogether(
  app: App,
  world: World,
  { streams, ending, signal, jsonl }: DryRunCall,
): Promise<RunSummary[]> {
  const { dryRun } = await import('@boletia/streams-core/admin')
  return await Promise.all(
    streams.map(async ({ name }) => {
      const decisions = dryRun(world.admin, name, { ...ending, signal })
      for (;;) {
        const { done, value } = await decisions.next()
        if (done === true) return value
        // One document with --json: the summary.
        if (app.terminal.json) continue
        if (jsonl) app.terminal.document(decisionData(app, value))
        else app.terminal.data(line(app, value))
      }
    }),
  )
}

function decisionData({ terminal }: App, { clusterTime, documentKey, ...rest }: Decision): object {
  return { ...rest, clusterTime: clusterDate(clusterTime), documentKey: terminal.redactor.document(documentKey) }
}

function line(
  { terminal }: App,
  { stream, clusterTime, operationType, documentKey, decision, reason, writes }: Decision,
): string {
  const key = documentKey === null ? '-' : JSON.stringify(terminal.redactor.document(documentKey))
  const told: Record<Decision['decision'], string> = {
    handle: 'would be handled',
    write: `would write ${writes.map(({ target, model, guard }) => `${model} ${target}${guard === null ? '' : ` (${guard})`}`).join(', ')}`,
    nothing: 'would write nothing',
    skip: `would be skipped: ${reason}`,
    fail: `would fail: ${reason}`,
  }
  return `${stream}  ${formatTime(clusterDate(clusterTime))}  ${operationType}  ${key}  ${told[decision]}`
}
