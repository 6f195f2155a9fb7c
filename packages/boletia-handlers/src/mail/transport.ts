import type { Estado } from '../documents.js'

/** One mail to one customer. */
export interface Mail {
  /** The reservation's `Id`. */
  readonly id: string
  /** The state that the text is about. */
  readonly estado: Estado
  /** Resume token (hex) of the change that it tells of. */
  readonly token: string
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** Where mails go. The sender belongs to the transport. */
export interface MailTransport {
  /** Resolves once the mail is handed over for good; a rejection makes the stream try again. */
  send(mail: Mail): Promise<void>
  close(): Promise<void>
}
