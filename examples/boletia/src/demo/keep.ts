import { checkPath, configPath } from './programs.js'
import type { Stage } from './stage.js'

/** What a person can do with the demo while it is left running. Every line with a command works as it stands, at the root of the repository. */
export function keepText({ urls, uri, mailFolder }: Pick<Stage, 'urls' | 'uri' | 'mailFolder'>): string[] {
  const json = "curl -sS -H 'Content-Type: application/json' -d"
  return [
    'Left running until Ctrl-C, which removes everything:',
    `  eventos   ${urls.eventos}    (what it offers: /openapi.json)`,
    `  reservas  ${urls.reservas}`,
    `  mails     ${mailFolder}`,
    '',
    `  ${json} '{"nombre":"Recital","capacidad":5,"categoria":"música"}' ${urls.eventos}/eventos`,
    `  ${json} '{"evento":"Recital","cantidad":2,"email":"ana@example.org"}' ${urls.reservas}/reservas`,
    `  curl -sS ${urls.reservas}/reservas/inventario/Recital`,
    '',
    'In another terminal, at the root of the repository: the streams, and the checker',
    `  export MONGODB_URI='${uri}' BOLETIA_STREAMS_CONFIG=${configPath}`,
    '  npx boletia-streams list',
    '  npx boletia-streams status streamReserva',
    `  node ${checkPath} --mails ${mailFolder}`,
  ]
}
