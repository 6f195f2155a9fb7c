// Where a value ends that stands in a text, as JSON, util.inspect or a message of the server wrote it. Each is one walk from left to right:
// texts of handlers are long at times, and a regular expression that goes back for a closing sign takes minutes over them.

const quotedFrom = /\\*["'`]/y
const spread = /\s*\+\s*(?=["'`])/y
/** What stands before the braces of a value: `new Map`, `<ref *1> {`. */
const prefix = /(?:new |<[^>\n]{0,300}> ?)?/y
/** An apostrophe between letters belongs to its word. */
const word = /(?:[^\s,;(){}[\]"'`\\]|'(?=[\p{L}\p{N}])|\\(?=[^\\"'`]))*/uy
const bracket = /[([]| ?\{/y

/**
 * The index after the value that begins at `start`: a string, a word, or a whole document or array. `start` itself when none begins there.
 * One that was cut short takes what is left: of the line for a string, of the text for a document.
 */
export function valueEnd(text: string, start: number): number {
  let end = after(prefix, text, start)
  if (matches(quotedFrom, text, end)) {
    end = stringEnd(text, end) ?? lineEnd(text, end)
    // util.inspect cuts a string at its line breaks.
    while (matches(spread, text, end)) end = stringEnd(text, after(spread, text, end)) ?? lineEnd(text, end)
    return end
  }
  end = after(word, text, end)
  while (matches(bracket, text, end)) end = after(word, text, bracketEnd(text, after(bracket, text, end) - 1))
  return end
}

/** The index after the bracket that closes the one at `start`; those in strings do not count. */
export function bracketEnd(text: string, start: number): number {
  let open = 0
  for (let index = start; index < text.length;) {
    const sign = text.charAt(index)
    if ('([{'.includes(sign)) open += 1
    if (')]}'.includes(sign)) open -= 1
    if (open === 0) return index + 1
    // After a letter it is an apostrophe; after a backslash it was looked at with the first of the backslashes.
    if (!/[\p{L}\p{N}\\]/u.test(text.charAt(index - 1)) && matches(quotedFrom, text, index))
      index = stringEnd(text, index, endsItem) ?? text.length
    else index += 1
  }
  return text.length
}

/** The server does not escape the quotes in a value: inside of brackets a string ends where something can follow it. */
const endsItem = /\s*(?:[,:)\]}+]|=>|$)/y

/**
 * The index after the string whose opening quote, with its backslashes, is at `start`; null when it does not end.
 * A string inside of a string has backslashes before its quotes, and more of them before the quotes in it.
 */
function stringEnd(text: string, start: number, follows = /(?:)/y): number | null {
  const first = after(quotedFrom, text, start)
  const quote = text.charAt(first - 1)
  const depth = first - 1 - start
  let backslashes = 0
  for (let index = first; index < text.length; index += 1) {
    const sign = text.charAt(index)
    if (sign === '\\') {
      backslashes += 1
      continue
    }
    if (sign === quote && backslashes % (2 * depth + 2) === depth && matches(follows, text, index + 1)) return index + 1
    backslashes = 0
  }
  return null
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end
}

function after(pattern: RegExp, text: string, index: number): number {
  pattern.lastIndex = index
  return index + (pattern.exec(text)?.[0].length ?? 0)
}

function matches(pattern: RegExp, text: string, index: number): boolean {
  pattern.lastIndex = index
  return pattern.test(text)
}
