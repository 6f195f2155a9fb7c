import type { Bounds, Faults } from './state.js'

const none: Faults = { crash: 0, pause: 0, unanswered: 0, stop: 0, takeOver: 0, move: 0, heartbeat: 0, renewal: 0 }

function scenario(changes: Bounds['changes'], faults: Partial<Faults>, more: Partial<Bounds> = {}): Bounds {
  return { workers: 2, changes, targets: [], forgets: false, batch: 1, ...more, faults: { ...none, ...faults } }
}

const t = 'transaction'
const g = 'guarded'
const o = 'outside'
const m = 'once'

/** Each is searched wholly: which faults may fall together, how often, and what the changes are. */
export const scenarios = {
  'three crashes': scenario([t, g, t, o], { crash: 3 }, { workers: 3 }),
  'three crashes, in batches': scenario([t, t, g, g, o, o], { crash: 3, unanswered: 1 }, { batch: 3 }),
  'three crashes and a frozen worker': scenario([t, g, t, o], { crash: 3, pause: 1 }, { workers: 3 }),
  'two crashes and two lost answers': scenario([t, g, o], { crash: 2, unanswered: 2 }),
  'two frozen workers': scenario([t, g], { pause: 2 }, { workers: 3 }),
  'a frozen worker and two lost answers': scenario([t, t], { pause: 1, unanswered: 2 }),
  'a frozen worker and a lost answer, in batches': scenario([t, t], { crash: 1, pause: 1, unanswered: 1 }, { batch: 2 }),
  'two moves of an operator': scenario([t, g, m, o], { crash: 1, move: 2 }, { targets: [0, 1, 2, 3, 4] }),
  'a move, a crash and a lost answer': scenario([t, g, m], { crash: 1, move: 1, unanswered: 1 }, { targets: [0, 1, 2, 3] }),
  'a move, a frozen worker and a lost answer': scenario([t, m], { pause: 1, move: 1, unanswered: 1 }, { targets: [0, 1, 2] }),
  'two moves and heartbeats': scenario([t, m, m], { move: 2, heartbeat: 2 }, { targets: [0, 1, 2, 3] }),
  'a stream that is forgotten': scenario([m], { move: 4, stop: 2 }, { targets: [0, 1], forgets: true }),
  'a stream that is forgotten, a crash and a frozen worker': scenario(
    [t],
    { move: 2, crash: 1, pause: 1 },
    { targets: [0], forgets: true },
  ),
  'a clean stop and late renewals': scenario([t, m], { stop: 1, renewal: 1, crash: 1, pause: 1 }),
  'a clean stop and lost answers': scenario([t, g], { stop: 1, unanswered: 2, crash: 1 }),
  'a take-over by order': scenario([t, g], { takeOver: 1, pause: 1, unanswered: 1 }),
  'a crash, a frozen worker, a clean stop and a take-over': scenario([t, g], { crash: 1, pause: 1, stop: 1, takeOver: 1 }),
} as const satisfies Record<string, Bounds>

export type ScenarioName = keyof typeof scenarios
