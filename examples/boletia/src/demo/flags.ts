import { parseArgs } from 'node:util'

export const usage = `npm run demo             plays Boletia on a MongoDB of its own: five steps, a load, two kills, a verdict; then removes everything
npm run demo -- --keep   the same, then leaves it running until Ctrl-C (services on 8070 and 8071, or free ports)

Exit: 0 PASS, 1 FAIL or a failure, 2 wrong arguments.`

export type Flags =
  | { readonly kind: 'play'; readonly keep: boolean }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly why: string }

export function parseFlags(args: readonly string[]): Flags {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { keep: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    })
    return values.help ? { kind: 'help' } : { kind: 'play', keep: values.keep ?? false }
  } catch (error) {
    return { kind: 'wrong', why: (error as Error).message }
  }
}
