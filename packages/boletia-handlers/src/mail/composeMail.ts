import MailComposer from 'nodemailer/lib/mail-composer'
import { isEmailAddress } from './emailAddress.js'
import type { Mail } from './transport.js'

/** A mail as nodemailer's options. Addresses go in as objects: as text, "a@x, b@y" would be two recipients. */
export function mailOptions(from: string, { to, subject, text }: Mail) {
  // Checked at the last moment before headers are written, whoever calls.
  if (!isEmailAddress(from) || !isEmailAddress(to))
    throw new Error('The sender or the recipient is not one plain e-mail address; no mail was made.')
  return {
    from: { name: '', address: from },
    to: { name: '', address: to },
    subject,
    text,
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

/** The MIME message (RFC 5322, CRLF), as bytes. */
export async function composeMail(from: string, mail: Mail): Promise<Buffer> {
  return new MailComposer(mailOptions(from, mail)).compile().build()
}
