/** What a place in a stream is named for; where it is of no use, another place is asked for in the words of the same command. */
export type Asked = 'reset' | 'replay' | 'peek'

/** The command of an operator who names another place: `earliest`, or a time. A replay or a look back moves no position, and its place says nothing about one. */
export function askAgain(asked: Asked, name: string, place: 'earliest' | '<time>'): string {
  const commands: Readonly<Record<Asked, string>> = {
    reset: `reset ${name} --to ${place}`,
    replay: `replay ${name} --from ${place}`,
    peek: `peek ${name} --before <shorter>`,
  }
  return `boletia-streams ${commands[asked]}`
}
