import type { ErrorCode } from '@boletia/streams-core/errors'
import { shellCommand, shellWord, withOptions } from './shellCommand.js'

/** Something to type after a failure. */
export interface NextAction {
  readonly label: string
  readonly command: string
}

/** The command line that failed, as far as it could be read. */
export interface FailedCommand {
  readonly command: string | null
  readonly names: readonly string[]
  /** All of it, to be typed again with one word changed. */
  readonly argv: readonly string[]
  /** `--config`, `--uri` and `--db` with their values, to be repeated. */
  readonly carried: readonly string[]
}

interface FailedContext extends FailedCommand {
  readonly details: Readonly<Record<string, unknown>>
}

type Next = (name: string, context: FailedContext) => readonly NextAction[]

const action = (label: string, ...args: string[]): NextAction => ({ label, command: shellCommand(args) })
const shell = (label: string, command: string): NextAction => ({ label, command })

const whereItStands = (name: string) => action('where it stands', 'status', name)
const help: Next = (_name, { command, details }) => {
  const topic = typeof details['help'] === 'string' ? details['help'] : null
  if (topic !== null) return [action('how it is written', 'help', topic)]
  return command === null || command === 'help'
    ? [action('all commands', 'help')]
    : [action('its options', 'help', ...command.split(' '))]
}
const elsewhere: Next = (name, { details: { asked } }) => {
  // The place that was asked for is lost, not the saved position: a stream that is well must not be moved for it.
  if (asked === 'replay')
    return [action('from the oldest change that is left', 'replay', name, '--from', 'earliest'), whereItStands(name)]
  if (asked === 'peek') return [action('look back less far', 'peek', name, '--before', '<shorter>'), whereItStands(name)]
  return [
    action('go on from the oldest change that is left', 'reset', name, '--to', 'earliest'),
    action('or from now', 'reset', name, '--to', 'latest'),
  ]
}
const connection: Next = (_name, { details: { corrected } }) => [
  typeof corrected === 'string'
    ? shell('the same address with its own name', `export MONGODB_URI='${corrected}'`)
    : shell('try another address', `export MONGODB_URI='mongodb://127.0.0.1:27017/<database>?replicaSet=rs0'`),
  shell('look at the server', 'mongosh "$MONGODB_URI" --eval "db.hello()"'),
]
const moved: Next = (name) => [action('who moved it', 'history', name), action('where it is now', 'status', name)]
const fixConfig: Next = () => [action('what a config holds', 'help', 'config')]
/** A word of the command line with the name that was meant: by itself, or in `stream:<name>`. */
const corrected = (word: string, name: string, meant: string) =>
  word === name ? meant : word.endsWith(`stream:${name}`) ? word.slice(0, -name.length) + meant : word
/** The run once more, waiting. With its other options: what it had accepted is asked for again; a take-over is the opposite of waiting. */
const standby = (argv: readonly string[]) => {
  const waiting = argv.filter((word) => word !== '--take-over')
  const confirms = waiting.includes('--accept-drift') || !argv.includes('--take-over')
  const isConsent = (word: string, at: number) => word.startsWith('--confirm') || waiting[at - 1] === '--confirm'
  return withOptions(confirms ? waiting : waiting.filter((word, at) => !isConsent(word, at)), '--standby')
}
const rerun: Next = (name) => [action('then start it again', 'run', name), action('where it stands', 'status', name)]
const roles = [
  shell('which roles the user has', 'mongosh "$MONGODB_URI" --eval "db.runCommand({connectionStatus: 1, showPrivileges: true})"'),
  shell(
    'give it what it lacks',
    'mongosh <admin uri> --eval \'db.grantRolesToUser("<user>", [{role: "readWrite", db: "<database>"}])\'',
  ),
]
// They hand changes to a handler beside its own run: that one is not what failed.
const againBeside = ['dead-letters redrive', 'replay', 'repair']

// A record over all codes: a new code without a next step does not compile.
const byCode: Record<ErrorCode, Next> = {
  INTERNAL: (_name, { argv }) => [action('see the stack trace, and report it', ...withOptions(argv, '--verbose'))],
  INVALID_OPTIONS: help,
  INVALID_STREAM: fixConfig,
  NO_DATABASE: (_name, { argv }) => [
    action('name it for this call', ...withOptions(argv, '--db', '<database>')),
    action('or in the config', 'help', 'config'),
  ],
  CONFIG_NOT_FOUND: (_name, { argv }) => [
    action(
      'name the file',
      ...argv.filter((word, index) => !/^--config(=|$)/.test(word) && argv[index - 1] !== '--config'),
      '--config',
      '<file>',
    ),
    action('what a config holds', 'help', 'config'),
  ],
  CONFIG_INVALID: fixConfig,
  NO_URI: () => [
    shell('for this shell', `export MONGODB_URI='mongodb://127.0.0.1:27017/<database>?replicaSet=rs0'`),
    action('all the ways to say it', 'help', 'config'),
  ],
  USAGE: help,
  CONSENT_MISSING: (_name, { details }) =>
    typeof details['command'] === 'string'
      ? [shell('if the plan is what you want', details['command'])]
      : [action('who may do what', 'help', 'consent')],
  STATE_TOO_NEW: () => [shell('upgrade', 'npm install boletia-streams@latest')],
  SERVER_REFUSED: (name) => [
    action('the server’s own words', 'run', name, '--verbose'),
    action('what a config holds', 'help', 'config'),
  ],
  DECLINED: () => [],
  UNKNOWN_STREAM: (_name, { argv, details: { name, suggestion } }) =>
    typeof suggestion === 'string'
      ? [action('perhaps', ...argv.map((word) => corrected(word, String(name), suggestion))), action('all names', 'list')]
      : [action('all names', 'list')],
  NOTHING_SAVED: (name, { command, details: { place } }) =>
    // It has a position, only not the one that `prev` names.
    place === 'prev'
      ? [
          action('name another place', command ?? 'reset', name, command === 'replay' ? '--from' : '--to', '<where>'),
          action('places that can be named', 'help', 'where'),
        ]
      : [action('its first start saves a position', 'run', name), action('all streams', 'list')],
  EMPTY_SELECTION: (name, { command }) => [
    ...(command?.startsWith('dead-letters ') ? [action('what is parked', 'dead-letters', 'list', name)] : []),
    ...(command === 'replay' ? [action('what there is', 'replay', name, '--from', 'earliest')] : []),
    whereItStands(name),
  ],
  FENCED: rerun,
  LEASE_HELD: (name, { command, argv }) => [
    action('who holds it', 'status', name),
    ...(command === 'run' ? [action('wait for it', ...standby(argv))] : []),
  ],
  POSITION_MOVED: moved,
  OLDER_SERVICE_RUNNING: (name) => [action('once the older service is stopped', 'run', name)],
  HISTORY_LOST: elsewhere,
  TOKEN_UNUSABLE: (name) => [
    name === '<name>' ? action('tokens that are saved', 'list', '--json') : action('where it stands', 'status', name),
    action('places that can be named', 'help', 'where'),
  ],
  FUTURE_TIME: (name, { command, details }) => {
    if (details['saved'] === true)
      return [action('begin where this server is', 'reset', name, '--to', 'latest'), action('where it stands', 'status', name)]
    if (command === 'run') return [action('until now', 'run', name, '--once')]
    if (command?.startsWith('dead-letters '))
      return [
        action('a time before now', ...command.split(' '), name, '--since', '-10m'),
        action('how it is written', 'help', 'times'),
      ]
    return [
      command === 'replay'
        ? action('a time before now', command, name, '--from', '-10m')
        : action('a time before now', 'reset', name, '--to', '-10m'),
      action('places that can be named', 'help', 'where'),
    ]
  },
  FINGERPRINT_CHANGED: (name, { argv }) => [
    action('if the change is meant', ...withOptions(argv, '--accept-drift', '--confirm', name)),
    action('or begin elsewhere', 'reset', name, '--to', '<where>', '--accept-drift'),
  ],
  IMAGE_MISSING: (name) => [
    action('once the option is "whenAvailable"', 'run', name, '--accept-drift', '--confirm', name),
    action('or jump over the change', 'reset', name, '--to', '<where>'),
  ],
  PARK_FAILED: rerun,
  INVALIDATED: (name) => [
    action('once it exists again', 'reset', name, '--to', 'latest'),
    action('what a config holds (onInvalidate)', 'help', 'config'),
  ],
  HANDLER_FAILED: (name, context) => [
    ...(againBeside.includes(context.command ?? '')
      ? [action('what is parked', 'dead-letters', 'list', name), action('once the handler is mended, again', ...context.argv)]
      : rerun(name, context)),
    ...(context.command === 'run' && typeof context.details['token'] === 'string'
      ? [action('or park the change, and go on without it', 'skip', name, '--change', context.details['token'])]
      : []),
  ],
  OUTPUT_FAILED: () => [shell('how much room is left', 'df -h')],
  UNREACHABLE: connection,
  NOT_A_REPLICA_SET: (_name, { details: { uninitiated } }) =>
    typeof uninitiated === 'string'
      ? [shell('once', `mongosh --host ${uninitiated} --eval "rs.initiate()"`)]
      : [shell('start it as one', 'mongod --replSet rs0 --dbpath <path>'), shell('and once', 'mongosh --eval "rs.initiate()"')],
  NO_MONGOD: () => [shell('say where it is', 'export MONGOMS_SYSTEM_BINARY=<path>')],
  UNAUTHORISED: (_name, { command, details }) => {
    if (details['login'] === true)
      return [
        shell(
          'another login',
          `export MONGODB_URI='mongodb://<user>:<password>@<host>/<database>?replicaSet=rs0&authSource=admin'`,
        ),
        shell('try it by itself', 'mongosh "$MONGODB_URI" --eval "db.runCommand({connectionStatus: 1})"'),
      ]
    return command === 'doctor' ? roles : [action('what it lacks, with the grant', 'doctor')]
  },
}

/** What to type after an error of this code. */
export function nextActions(code: ErrorCode, context: FailedContext): readonly NextAction[] {
  const stream = context.details['stream'] ?? context.details['name']
  const name = typeof stream === 'string' ? stream : (context.names[0] ?? '<name>')
  // Without the flags that this call had, the next one would look at another config or database.
  const carried = context.carried.map((flag) => ` ${shellWord(flag)}`).join('')
  // What CONFIG_NOT_FOUND has typed again has them all, but for the one that was wrong.
  const carries = (command: string) =>
    code !== 'CONFIG_NOT_FOUND' &&
    command.startsWith('boletia-streams ') &&
    !command.startsWith('boletia-streams help') &&
    !command.includes(carried)
  return byCode[code](name, context).map(({ label, command }) => ({
    label,
    command: carries(command) ? command + carried : command,
  }))
}
