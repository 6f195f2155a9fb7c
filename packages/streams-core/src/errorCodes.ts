/** What an operator needs to know about a code; docs/errors.md and the command's exit codes are made from this table. */
export interface ErrorEntry {
  /** The command's exit code. */
  readonly exit: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8
  readonly what: string
  /** Is this part of normal life, or a fault? */
  readonly normal: string
  readonly todo: string
}

const entry = (exit: ErrorEntry['exit'], what: string, normal: string, todo: string): ErrorEntry => ({ exit, what, normal, todo })

// A table reads best with a line for each entry.
// prettier-ignore
export const errorCodes = {
  INTERNAL: entry(1, 'the program met a case it does not know', 'No: a bug.', 'Run again with --verbose and report the stack trace.'),
  INVALID_OPTIONS: entry(2, 'an option is missing or has a wrong value', 'A mistake at the call.', 'Correct the option that the message names.'),
  INVALID_STREAM: entry(2, 'a stream definition is wrong', 'A mistake in the definition.', 'Correct the field that the message names.'),
  NO_DATABASE: entry(2, 'no database is named anywhere', 'A mistake in the set-up.', 'Put the database into the URI, the config or --db; `test` is never assumed.'),
  CONFIG_NOT_FOUND: entry(2, 'there is no config file', 'In a new project.', 'Create boletia-streams.config.ts, or name one with --config.'),
  CONFIG_INVALID: entry(2, 'the config file has an error', 'After an edit.', 'Correct the path that the message names.'),
  NO_URI: entry(2, 'nothing says where MongoDB is', 'In a new shell.', 'Set MONGODB_URI, or give --uri.'),
  USAGE: entry(2, 'the command line is wrong', 'A slip.', 'See boletia-streams help <command>.'),
  CONSENT_MISSING: entry(2, 'the command would skip or discard changes and was not told to', 'Yes: it asks first.', 'Read the plan, then add what the message names.'),
  OUTPUT_FAILED: entry(2, 'what the command prints could not be written', 'When a disk is full.', 'Make room, or send stdout elsewhere. What the command was to do is done all the same.'),
  STATE_TOO_NEW: entry(2, 'the saved state was written by a newer version', 'In a rolling deploy that was turned back.', 'Upgrade this worker.'),
  SERVER_REFUSED: entry(2, 'the server refuses what the stream asks for', 'No: the pipeline or an option is wrong.', 'Correct the pipeline; the cause has the server’s message.'),
  DECLINED: entry(3, 'the operator said no', 'Yes.', 'Nothing: nothing was changed.'),
  UNKNOWN_STREAM: entry(4, 'no stream has this name', 'A slip.', 'See boletia-streams list.'),
  NOTHING_SAVED: entry(4, 'the stream has no saved position', 'Before its first start.', 'Start it with boletia-streams run <name>.'),
  EMPTY_SELECTION: entry(4, 'nothing is what the ids and options of the call name', 'A slip, or it is done with already.', 'See what there is: boletia-streams dead-letters list <name>, or the gaps in status <name>.'),
  LEASE_HELD: entry(5, 'another worker holds the stream', 'Yes: one owner at a time.', 'Stop that worker, or wait for it: run with --standby.'),
  FENCED: entry(5, 'another worker or an operator took the stream over', 'Yes, after a take-over or a reset.', 'Start the worker again if it should be the owner.'),
  POSITION_MOVED: entry(5, 'the saved position was moved by somebody else', 'After an operator’s move.', 'See boletia-streams history <name>, plan again, or start the worker again.'),
  OLDER_SERVICE_RUNNING: entry(5, 'the older Go service still moves its own position for this stream', 'During a migration.', 'Stop the older service, then start again.'),
  HISTORY_LOST: entry(6, 'the server’s oplog no longer holds the saved position', 'After a long stop.', 'Changes are lost: decide where to go on, then boletia-streams reset <name> --to earliest.'),
  TOKEN_UNUSABLE: entry(6, 'a resume token is malformed, foreign, or cannot be opened', 'No.', 'Give another position: boletia-streams reset <name> --to <time>.'),
  FUTURE_TIME: entry(6, 'the position lies in the server’s future', 'A slip.', 'Give a time that has passed: the server would wait in silence.'),
  FINGERPRINT_CHANGED: entry(6, 'the stream’s collection, pipeline or options are not those of its saved position', 'After an edit of the stream.', 'Run with --accept-drift, or reset the stream.'),
  INVALIDATED: entry(6, 'the watched collection or database was dropped or renamed', 'No, unless you did it.', 'Recreate it, then boletia-streams reset <name> --to latest, or set onInvalidate: "reopen".'),
  IMAGE_MISSING: entry(6, 'the stream requires a pre- or post-image of a change that is not there', 'No: it has expired, or the collection did not keep it.', 'See docs/images.md: let the option be "whenAvailable" and the handler expect null, or jump over the change.'),
  HANDLER_FAILED: entry(7, 'a handler failed for good; nothing of that change was saved', 'No.', 'Mend the handler or its data, then start again: it continues at that change.'),
  PARK_FAILED: entry(7, 'a change could not be put aside, or must wait for changes that were', 'No.', 'Mend what the message names, then start again: it continues at that change.'),
  UNREACHABLE: entry(8, 'MongoDB does not answer, or not in time: an open transaction locks the saved position, or a majority does not have it yet', 'During an outage or a failover; for a minute after a worker died in a transaction.', 'Check the URI, the network and the server (`rs.status()`: is a majority up, and not far behind?), then start again; a lock ends within a minute.'),
  NOT_A_REPLICA_SET: entry(8, 'the server is a standalone: it has no change streams', 'On a developer’s machine.', 'Start mongod with --replSet and run rs.initiate().'),
  NO_MONGOD: entry(8, 'no mongod program was found for an embedded replica set', 'On a new machine.', 'Do one of the things that the message lists.'),
  UNAUTHORISED: entry(8, 'the database user may not do this', 'No.', 'Grant what boletia-streams doctor says is missing.'),
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorCodes
