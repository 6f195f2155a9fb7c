// What of a connection string is not meant for eyes: the password before the host, and those among its options.

export const mask = '***'

const optionWithSecret = /((?:tlsCertificateKeyFilePassword|proxyPassword)=|AWS_SESSION_TOKEN(?::|%3A))([^&\s"']+)/gi

/** Masks the passwords in any connection string in a text. */
export function withoutPasswords(text: string): string {
  return (
    text
      .replace(optionWithSecret, `$1${mask}`)
      // Up to the last @ of the word: a password that was not encoded may hold one itself.
      // Only from where a word begins: a pattern that tries every letter goes through a long word once a letter.
      .replace(/(?<![^\s"'`<>])[^\s"'`<>]*@/g, (word) =>
        // A file's URL in a stack trace has its @ from a package's name.
        word.replace(/((?<![a-z0-9+.-])(?!file:)[a-z0-9+.-]+:\/\/).*@$/is, `$1${mask}@`),
      )
  )
}

/** The passwords of a connection string, as they are written and decoded, and in the pieces that the driver may report one in. */
export function passwordsIn(uri: string): string[] {
  const userinfo = /^[a-z][a-z0-9+.-]*:\/\/(.*)@/is.exec(uri.replace(optionWithSecret, '$1'))?.[1] ?? ''
  const password = /:(.*)/s.exec(userinfo)?.[1] ?? ''
  // The driver may cut an unencoded password at its @, / or : and report the rest as a host.
  const ends = [...password.matchAll(/[@/:]/g)].map(({ index }) => password.slice(index + 1))
  const options = [...uri.matchAll(optionWithSecret)].map(([, , secret = '']) => secret)
  return [password, decoded(password), ...ends, ...password.split(/[@/:]/), ...options, ...options.map(decoded)]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
