import type { MailTransport } from './transport.js'

/** One transport for all runs of a stream in this process: opened by the first one that starts, closed by the last one that ends. */
export interface SharedTransport {
  acquire(): Promise<MailTransport>
  release(): Promise<void>
  /** @throws {Error} before the first `acquire` has resolved. */
  readonly current: MailTransport
}

export function sharedTransport(open: () => MailTransport | Promise<MailTransport>): SharedTransport {
  let users = 0
  let opening: Promise<MailTransport> | null = null
  let opened: MailTransport | null = null
  return {
    async acquire() {
      opening ??= Promise.resolve().then(open)
      try {
        opened = await opening
      } catch (error) {
        // The next run opens again: by then the settings may be mended.
        opening = null
        throw error
      }
      users++
      return opened
    },
    async release() {
      if (users === 0 || --users > 0) return
      const last = opened
      opening = opened = null
      await last?.close()
    },
    get current() {
      if (opened === null) throw new Error('The mail transport is not open: streamNotificacion opens it in its setup.')
      return opened
    },
  }
}
