import type { StreamStatus } from '@boletia/streams-core/admin'

/** Who holds a stream that is about to be moved, and what that means. */
export function holderText({ owner, lease }: Pick<StreamStatus, 'owner' | 'lease'>): string {
  if (owner === null && lease === null) return 'free'
  return `held by ${owner ?? 'a worker'}${lease === null ? '' : ` (epoch ${lease.epoch})`}: stop it first, applying is refused while it runs`
}
