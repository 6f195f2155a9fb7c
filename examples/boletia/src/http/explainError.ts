import { bodyLimit } from './jsonBody.js'
import type { Refusal } from './errors.js'
import { isUnavailable } from './unavailable.js'

interface FastifyLike {
  readonly code?: unknown
  readonly statusCode?: unknown
  readonly validation?: unknown
  readonly message?: unknown
}

const explained: Readonly<Record<string, Refusal>> = {
  FST_ERR_BAD_URL: { code: 'INVALID_INPUT', message: 'the path has a malformed percent escape' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'INVALID_INPUT', message: 'the path is too long' },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'INVALID_INPUT', message: 'the body is not valid JSON' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'INVALID_INPUT',
    message: 'send the body as JSON, with the header Content-Type: application/json',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'INVALID_INPUT', message: 'the body is not as long as Content-Length says' },
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'PAYLOAD_TOO_LARGE', message: `the body is larger than ${bodyLimit} bytes` },
}

/**
 * What a caller is told about anything that was thrown. A body that isn't JSON, of a wrong media type included, is bad input
 * (400); what nobody foresaw is INTERNAL, without a word of the error itself: its text may hold a document.
 */
export function explainError(error: unknown): Refusal {
  const { code, statusCode, validation, message } = (typeof error === 'object' && error !== null ? error : {}) as FastifyLike
  if (validation !== undefined) return { code: 'INVALID_INPUT', message: String(message) }
  if (typeof code === 'string' && Object.hasOwn(explained, code)) return explained[code] as Refusal
  if (isUnavailable(error)) {
    return {
      code: 'UNAVAILABLE',
      message: 'MongoDB does not answer in time: look whether the request took effect, then try again',
    }
  }
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return { code: 'INVALID_INPUT', message: 'the request is malformed' }
  }
  return { code: 'INTERNAL', message: 'the service met a fault of its own; its log has the details' }
}
