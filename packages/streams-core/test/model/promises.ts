/** What the model watches in every state. A counter-example names the one that was broken. */
export const promises = {
  lost: 'no change is lost: the checkpoint is never ahead of an unsettled change',
  doubled: 'no transactional effect is doubled, or there without its checkpoint',
  guarded: 'no guarded effect is doubled',
  epochs: 'epochs never fall',
  owner: 'an epoch has one owner, and only a higher one follows',
  former: 'a former owner’s commit never matches',
  move: 'an operator’s move holds as planned or not at all',
  handOut: 'nobody hands out while another one may own the lease',
  replay: 'a change is a replay exactly when it was handled before',
  told: 'nobody is told that it lost the stream when it did not',
  takeOver: 'a live lease is only taken by a take-over that was told to and names it',
  held: 'a released stream is held by nobody',
  stuck: 'nothing is stuck',
} as const

export type BrokenPromise = keyof typeof promises
