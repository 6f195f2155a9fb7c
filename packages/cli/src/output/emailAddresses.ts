import { removed } from './namedValues.js'

// Of the letters that the handlers take for an address (isEmailAddress): what stands before the @ may be any of them.
const local = String.raw`[^\s\p{C}<>()[\],;:"\\@]`
const label = String.raw`[\p{L}\p{M}\p{N}_-]+`
const top = String.raw`(?:xn--[a-z0-9-]+|[\p{L}\p{M}]{2,})(?![\p{L}\p{M}\p{N}_])`

// It begins only where a word does: tried from every letter, a long word without an @ would be gone through once a letter.
// A masked password stays in front of its host; the @ of a package (node_modules/@scope) has a slash before it.
const address = new RegExp(
  String.raw`(?<!${local})(?!(?:\/\/)?\*{3}@)(['\x60{]?)${local}+(?<!\/)(?:@|%40)${label}(?:\.${label})*\.${top}`,
  'giu',
)

/** Takes the e-mail addresses out of a text, those in a URL too. `root@host` is none. */
export function withoutEmailAddresses(text: string): string {
  return text.replace(address, `$1${removed}`)
}
