import { createTransport } from 'nodemailer'
import { mailOptions } from './composeMail.js'
import type { MailTransport } from './transport.js'

export interface SmtpTransportOptions {
  readonly from: string
  /** `smtp://` or `smtps://`, with user and password when the server wants them; nodemailer's options may follow as a query. */
  readonly url: string
}

/** Sends through an SMTP server, over connections that are kept. Nothing is opened before the first mail. */
export function smtpTransport({ from, url }: SmtpTransportOptions): MailTransport {
  const pool = createTransport({
    url,
    pool: true,
    // The defaults wait for up to ten minutes: the stream would look stuck instead of trying again.
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
  })
  return {
    async send(mail) {
      await pool.sendMail(mailOptions(from, mail))
    },
    async close() {
      pool.close()
    },
  }
}
