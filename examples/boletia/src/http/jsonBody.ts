import type { FastifyInstance } from 'fastify'

/** Largest body in bytes; the interface promises 16 KiB. */
export const bodyLimit = 16 * 1024

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * JSON is the only body that is read. An empty one counts as none, because many clients send `Content-Type: application/json`
 * with a DELETE; bytes that aren't UTF-8 are refused, because decoding them anyway would store a name that nobody sent.
 */
export function acceptOnlyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined)
    let text: string
    try {
      text = utf8.decode(body)
    } catch {
      return done(Object.assign(new Error('not UTF-8'), { code: 'FST_ERR_CTP_INVALID_JSON_BODY', statusCode: 400 }))
    }
    void parse(request, text, done)
  })
}
