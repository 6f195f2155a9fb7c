import type { Late, State } from './state.js'

/** A message goes off whose answer its sender does not wait for. */
export function sendLate(state: State, message: Partial<Late> & Pick<Late, 'kind' | 'by'>): State {
  const late = { session: -1, claim: { epoch: 0, rev: 0 }, advance: null, ...message }
  return { ...state, late: [...state.late, late] }
}

/** One of the answers that may be lost. */
export const unanswered = (state: State): State => ({
  ...state,
  left: { ...state.left, unanswered: state.left.unanswered - 1 },
})
