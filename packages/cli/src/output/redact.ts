// The one place that all output passes, stdout and stderr alike: what is not meant for eyes is taken out here.

const mask = '***'
const removed = '[redacted]'

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
  /** Remembers the user name's password inside a connection string, also in its percent-encoded form. */
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
  let fields = new Set<string>()
  let fieldPattern: RegExp | null = null

  function text(input: string): string {
    let output = input
    for (const secret of secrets) output = output.replaceAll(secret, mask)
    output = output
      // Greedy up to the last @ of the word: a password that was not encoded may hold one itself.
      // A file's URL in a stack trace has its @ from a package's name.
      .replace(/\b((?!file:)[a-z][a-z0-9+.-]*:\/\/)[^\s"'`<>]*@/gi, `$1${mask}@`)
      .replace(/(tlsCertificateKeyFilePassword=|AWS_SESSION_TOKEN:)[^&\s"']+/gi, `$1${mask}`)
      // The server's duplicate-key message quotes the values.
      .replace(/(dup key: )\{[^}]*\}/g, `$1{ ${removed} }`)
      .replace(/[\w.!#$%&'+=?^`{|}~-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b/gi, removed)
    return fieldPattern === null
      ? output
      : output.replace(
          fieldPattern,
          (_all, label: string, value: string) =>
            label + (/^["']/.test(value) ? value.charAt(0) + removed + value.charAt(0) : removed),
        )
  }

  function walk(value: unknown, withFields: boolean): unknown {
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map((item) => walk(item, withFields))
    if (typeof value !== 'object' || value === null || value instanceof Date) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, withFields && fields.has(lastOf(key)) ? removed : walk(item, withFields)]),
    )
  }

  function hideSecret(secret: string): void {
    if (secret.length >= 3 && !ownWords.has(secret.toLowerCase())) secrets.add(secret)
  }

  return {
    hideSecret,
    hideUri(uri) {
      const userinfo = /^[a-z][a-z0-9+.-]*:\/\/(.*)@/is.exec(uri)?.[1]
      const colon = userinfo?.indexOf(':') ?? -1
      if (userinfo === undefined || colon === -1) return
      const password = userinfo.slice(colon + 1)
      // The driver may cut an unencoded password at its @, / or : and report the rest as a host.
      const ends = [...password.matchAll(/[@/:]/g)].map(({ index }) => password.slice(index + 1))
      for (const part of [password, decoded(password), ...ends, ...password.split(/[@/:]/)]) hideSecret(part)
    },
    hideFields(names) {
      fields = new Set(names.map(lastOf))
      if (fields.size === 0) return
      const alternatives = [...fields].map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('|')
      fieldPattern = new RegExp(
        String.raw`((?<![\w-])["']?(?:${alternatives})["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,;})\]]+)`,
        'g',
      )
    },
    text,
    document: <T>(value: T) => walk(value, true) as T,
    strings: <T>(value: T) => walk(value, false) as T,
  }
}

/** The updated fields of an update have the whole path for a name. */
function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
