/**
 * True for one bare e-mail address: `name@domain` without spaces, control characters or the signs that separate addresses.
 * A line break in an address would write headers of its own into the mail.
 */
export function isEmailAddress(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 254 && /^[^\s\p{C}<>()[\],;:"\\@]+@[^\s\p{C}<>()[\],;:"\\@]+$/u.test(value)
}
