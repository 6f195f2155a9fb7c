export { eventually } from './eventually.js'
export type { Crash, Example, OpenExample } from './example.js'
export { type Report, type TrialOptions, trial } from './trial.js'
export { untilOver } from './untilOver.js'
