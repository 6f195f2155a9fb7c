export const shells = ['bash', 'zsh', 'fish'] as const

/** A command as a shell completes it. */
export interface Described {
  /** As typed; `token decode`. */
  readonly name: string
  readonly summary: string
  readonly options: readonly { readonly flag: string; readonly description: string }[]
}

/** A script that completes commands, nested commands and options; it starts no process of ours. */
export function completionScript(shell: (typeof shells)[number], commands: readonly Described[]): string {
  return { bash, zsh, fish }[shell](commands)
}

/** What may follow each beginning of a command line. */
function followers(commands: readonly Described[]): Map<string, string[]> {
  const found = new Map<string, string[]>([['', []]])
  const add = (at: string, word: string) => {
    const words = found.get(at) ?? []
    if (!words.includes(word)) words.push(word)
    found.set(at, words)
  }
  for (const { name, options } of commands) {
    const [first = '', second] = name.split(' ')
    add('', first)
    if (second !== undefined) add(first, second)
    for (const { flag } of options) add(name, flag)
  }
  return found
}

const cases = (commands: readonly Described[], line: (words: string) => string) =>
  [...followers(commands)].map(([at, words]) => `    '${at}') ${line(words.join(' '))} ;;`).join('\n')

const beginnings = (commands: readonly Described[]) =>
  [...followers(commands).keys()]
    .filter((at) => at !== '')
    .map((at) => `'${at}'`)
    .join('|')

function bash(commands: readonly Described[]): string {
  return `_boletia_streams() {
  local at='' word list
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${at:+$at }$word" in
      ${beginnings(commands)}) at="\${at:+$at }$word" ;;
    esac
  done
  case "$at" in
${cases(commands, (words) => `list='${words}'`)}
  esac
  COMPREPLY=($(compgen -W "$list" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _boletia_streams boletia-streams
`
}

function zsh(commands: readonly Described[]): string {
  return `#compdef boletia-streams
_boletia_streams() {
  local at='' word
  local -a list
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${at:+$at }$word" in
      ${beginnings(commands)}) at="\${at:+$at }$word" ;;
    esac
  done
  case "$at" in
${cases(commands, (words) => `list=(${words})`)}
  esac
  compadd -- $list
  _files
}
compdef _boletia_streams boletia-streams
`
}

function fish(commands: readonly Described[]): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`
  const lines = commands.flatMap(({ name, summary, options }) => {
    const [first = '', second] = name.split(' ')
    const typed =
      second === undefined
        ? `__fish_seen_subcommand_from ${first}`
        : `__fish_seen_subcommand_from ${first}; and __fish_seen_subcommand_from ${second}`
    return [
      second === undefined
        ? `complete -c boletia-streams -n __fish_use_subcommand -a ${first} -d ${quoted(summary)}`
        : `complete -c boletia-streams -n '__fish_seen_subcommand_from ${first}' -a ${second} -d ${quoted(summary)}`,
      ...options.map(
        ({ flag, description }) =>
          `complete -c boletia-streams -n '${typed}' -l ${flag.replace(/^--/, '')} -d ${quoted(description)}`,
      ),
    ]
  })
  const groups = [...new Set(commands.filter(({ name }) => name.includes(' ')).map(({ name }) => name.split(' ')[0]))]
  return (
    [...groups.map((group) => `complete -c boletia-streams -n __fish_use_subcommand -a ${group}`), ...lines].join('\n') + '\n'
  )
}
