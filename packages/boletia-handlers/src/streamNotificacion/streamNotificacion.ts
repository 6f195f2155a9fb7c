import { type NamespaceOptions, type Stream, defineStream } from '@boletia/streams-core'
import type { Reserva } from '../documents.js'
import { mailFromEnvironment } from '../mail/mailFromEnvironment.js'
import { sharedTransport } from '../mail/sharedTransport.js'
import type { MailTransport } from '../mail/transport.js'
import { mailOf } from './mailOf.js'
import { pipeline } from './pipeline.js'

export interface StreamNotificacionOptions {
  /** Where `reservas` is, when not on the run's default connection and database. */
  readonly watch?: NamespaceOptions
  /** Opens the transport when the stream starts; it is closed when the stream ends. Default: what the environment asks for. */
  readonly mail?: () => MailTransport | Promise<MailTransport>
}

/**
 * Watches `reservas`: writes to the customer. Knowingly not idempotent: a mail may come twice after a crash, so changes that were
 * handled before are skipped in a replay.
 */
export function streamNotificacion({
  watch,
  mail = () => mailFromEnvironment(process.env),
}: StreamNotificacionOptions = {}): Stream<Reserva> {
  const transport = sharedTransport(mail)
  return defineStream<Reserva>({
    name: 'streamNotificacion',
    watch: { collection: 'reservas', ...watch },
    pipeline,
    onReplay: 'skip',
    setup: async () => void (await transport.acquire()),
    teardown: () => transport.release(),
    handle: async (change, context) => {
      const found = mailOf(change, context.token)
      if ('skipped' in found) return found
      return transport.current.send(found)
    },
  })
}
