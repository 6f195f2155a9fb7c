import { mask, passwordsIn, withoutPasswords } from './connectionStrings.js'
import { withoutEmailAddresses } from './emailAddresses.js'
import { removed, withoutDuplicateKey, withoutValues } from './namedValues.js'

// The one place that all output passes, stdout and stderr alike: what is not meant for eyes is taken out here.

/** Where the server's errors quote documents: the values of a duplicate key, what did not pass a validator. A bulk write's errors have the whole of it in `op`. */
const quoting = ['keyValue', 'consideredValue', 'consideredValues']

/** Words that stand in the command's own output: a password of the same name cannot be told from them, and masking it would break commands and JSON. */
const ownWords = new Set([
  'boletia',
  'boletia-streams',
  'stream',
  'streams',
  'mongodb',
  'admin',
  'test',
  'localhost',
  'reset',
  'replay',
  'true',
  'false',
  'null',
])

export interface Redactor {
  /** Remembers the passwords inside a connection string, also in their percent-encoded form. */
  hideUri(uri: string): void
  hideSecret(secret: string): void
  /** Field names (config's `redact`) whose values are personal. */
  hideFields(names: readonly string[]): void
  text(text: string): string
  /** A user's document or a log record: named fields go whole, every other text is cleaned. JSON-like values only. */
  document<T>(value: T): T
  /** The command's own data: keys and numbers stay, every text is cleaned. */
  strings<T>(value: T): T
}

export function createRedactor(): Redactor {
  const secrets = new Set<string>()
  let fields = new Set(quoting)
  let withoutNamed = withoutValues(quoting)

  function text(input: string): string {
    let output = input
    for (const secret of secrets) output = output.replaceAll(secret, mask)
    // An address goes after the fields: it would take a quote of theirs along.
    return withoutEmailAddresses(withoutNamed(withoutDuplicateKey(withoutPasswords(output))))
  }

  function walk(value: unknown, withFields: boolean): unknown {
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map((item) => walk(item, withFields))
    if (typeof value !== 'object' || value === null || value instanceof Date) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        // Where a document keeps something for each address.
        withFields ? withoutEmailAddresses(key) : key,
        withFields && (isNamed(key) || (key === 'op' && 'errmsg' in value)) ? removed : walk(item, withFields),
      ]),
    )
  }

  /** An update has paths for keys: `direccion.calle` is a piece of `direccion`, `telefonos.1` an item of `telefonos`. */
  function isNamed(path: string): boolean {
    return path.split('.').some((name) => fields.has(name))
  }

  function hideSecret(secret: string): void {
    if (secret.length >= 3 && !ownWords.has(secret.toLowerCase())) secrets.add(secret)
  }

  return {
    hideSecret,
    hideUri(uri) {
      for (const password of passwordsIn(uri)) hideSecret(password)
    },
    hideFields(names) {
      fields = new Set([...quoting, ...names.map((path) => path.slice(path.lastIndexOf('.') + 1))])
      withoutNamed = withoutValues([...fields])
    },
    text,
    document: <T>(value: T) => walk(value, true) as T,
    strings: <T>(value: T) => walk(value, false) as T,
  }
}
