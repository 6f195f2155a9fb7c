import { StreamError } from '@boletia/streams-core'
import { composeMail } from './composeMail.js'
import type { MailTransport } from './transport.js'

/** As much of `@aws-sdk/client-sesv2` as is used: who sends otherwise needs neither the package nor its types. */
export interface SesModule {
  readonly SESv2Client: new (config: object) => {
    readonly config: { region(): Promise<string> }
    send(command: object): Promise<unknown>
    destroy(): void
  }
  readonly SendEmailCommand: new (input: SesEmail) => object
}

interface SesEmail {
  FromEmailAddress: string
  Destination: { ToAddresses: string[] }
  Content: { Raw: { Data: Uint8Array } }
}

export interface SesTransportOptions {
  readonly from: string
  /** Loads the AWS SDK; only a test gives another one. */
  readonly load?: () => Promise<SesModule>
}

/**
 * Sends through Amazon SES (API v2, raw MIME). Region, credentials and endpoint come from AWS's standard environment.
 * @throws {StreamError} INVALID_OPTIONS when the SDK is not installed, or no region is set.
 */
export async function sesTransport({
  from,
  load = () => import('@aws-sdk/client-sesv2'),
}: SesTransportOptions): Promise<MailTransport> {
  const { SESv2Client, SendEmailCommand } = await load().catch((cause: unknown) => {
    throw new StreamError(
      'INVALID_OPTIONS',
      'MAIL_TRANSPORT=ses needs a package that is not installed: npm install @aws-sdk/client-sesv2',
      { cause },
    )
  })
  const client = new SESv2Client({})
  try {
    await client.config.region()
  } catch (cause) {
    client.destroy()
    throw new StreamError(
      'INVALID_OPTIONS',
      'MAIL_TRANSPORT=ses needs a region: set AWS_REGION, for example AWS_REGION=us-east-1',
      { cause },
    )
  }
  return {
    async send(mail) {
      const Data = await composeMail(from, mail)
      await client.send(
        new SendEmailCommand({ FromEmailAddress: from, Destination: { ToAddresses: [mail.to] }, Content: { Raw: { Data } } }),
      )
    },
    async close() {
      client.destroy()
    },
  }
}
