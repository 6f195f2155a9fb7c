import { StreamError } from '@boletia/streams-core'
import { isEmailAddress } from './emailAddress.js'
import { fileTransport } from './fileTransport.js'
import { sesTransport } from './sesTransport.js'
import { smtpTransport } from './smtpTransport.js'
import type { MailTransport } from './transport.js'

/**
 * The transport that the environment asks for: `MAIL_TRANSPORT` (`file`, the default; `smtp`; `ses`), `SENDER_EMAIL`,
 * `SMTP_URL` for smtp, `MAIL_DIR` (default `./correos`) for file. An empty variable counts as missing.
 * @throws {StreamError} INVALID_OPTIONS, naming the variable and what to set. Values that may hold a password are never shown.
 */
export async function mailFromEnvironment(env: Readonly<Record<string, string | undefined>>): Promise<MailTransport> {
  const transport = env['MAIL_TRANSPORT'] || 'file'
  switch (transport) {
    case 'file': {
      // Nobody answers a mail that stays on this machine.
      const from = sender(env, 'boletia@example.org')
      const directory = env['MAIL_DIR'] || './correos'
      return fileTransport({ from, directory }).catch((cause: unknown) => {
        throw wrong(`MAIL_DIR: the folder "${directory}" cannot be made; name one that this user may write`, cause)
      })
    }
    case 'smtp':
      return smtpTransport({ from: sender(env), url: smtpUrl(env) })
    case 'ses':
      return sesTransport({ from: sender(env) })
    default:
      throw wrong(`MAIL_TRANSPORT must be file, smtp or ses; got "${transport}"`)
  }
}

// The examples hold no whole address and no credentials: the command's redaction would blank them.
function sender(env: Readonly<Record<string, string | undefined>>, byDefault?: string): string {
  const from = env['SENDER_EMAIL'] || byDefault
  if (from === undefined)
    throw wrong('SENDER_EMAIL is missing: set it to the address that mails come from, SENDER_EMAIL=name@domain')
  if (!isEmailAddress(from)) throw wrong('SENDER_EMAIL must be one plain e-mail address, SENDER_EMAIL=name@domain')
  return from
}

function smtpUrl(env: Readonly<Record<string, string | undefined>>): string {
  const url = env['SMTP_URL']
  if (!url) throw wrong('SMTP_URL is missing: MAIL_TRANSPORT=smtp needs it, for example SMTP_URL=smtp://localhost:2525')
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !/^smtps?:$/.test(parsed.protocol) || parsed.hostname === '') {
    throw wrong('SMTP_URL must begin with smtp:// or smtps:// and name a host (its value is not shown: it may hold a password)')
  }
  return url
}

function wrong(message: string, cause?: unknown): StreamError {
  return new StreamError('INVALID_OPTIONS', message, { cause })
}
