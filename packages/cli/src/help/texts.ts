export const whereTopic = `Places in a stream: --to, --from, --until, --by

  earliest            the oldest change that the server's oplog still holds
  latest              now: nothing of what lies before is delivered
  2026-11-21T00:00:07Z, 2026-11-21T01:00:07+01:00
                      a time (RFC 3339), always with its zone
  -2h, -2h30m, -1d, -PT2H
                      that long before now
  prev                where the position was before its last move: an undo
  token:<hex>         a resume token (its _data), as list, status and history --json print it
  stream:<name>       where another stream is

  --by -15m           reset only: relative to the saved position; without a minus, forwards

Durations are 90s, 15m, 2h30m, 1d or PT2H. Refused: a bare number, a time without a zone (exit 2); a time in the future, a
token that the server cannot open (exit 6). "Future" is judged on the server's clock.`

export const configTopic = `The config: boletia-streams.config.{ts,mts,js,mjs}

  import { defineConfig } from 'boletia-streams'
  export default defineConfig({
    uri: () => process.env.EVENTS_URI,     a text, or a function that returns one
    database: 'boletia',                   for namespaces that name none, and for the positions
    state: { uri, database, collection },  where positions are; collection 'stream' by default
    connections: { archive: { uri, options } },  clusters by name; options are the driver's
    streams: [streamReserva],              each made by defineStream
    redact: ['email'],                     fields whose values never appear in any output
    log: { level: 'info' },
    http: '127.0.0.1:9464',                where run serves health, metrics and a page; --http comes first
  })

Found:     --config, else BOLETIA_STREAMS_CONFIG, else the nearest one upwards to the repository's root.
Address:   --uri, else MONGODB_URI, else the file that MONGODB_URI_FILE names, else the config's uri. .env is not read.
Positions: state.database, else the config's database, else --db, else the database in the address; none: exit 2.
Without a config, list, status, history, token, reset and reset-token work on saved names (state orphan).
Logs:      --log-level, else LOG_LEVEL, else the config's, else info. --log-format json or pretty (pretty on a terminal).`

export const consentTopic = `Who may do what, and how it is said

  list, status, check, wait, peek, tail, history, token, export, config, doctor, dead-letters list|show|export
                                 look only: no consent.
  pause, resume                  done at once; the undo is printed.
  reset backwards, replay,       deliver again. A plan is printed and nothing is done without --execute.
  import backwards, repair,      At a terminal --execute asks first; --yes answers.
  dead-letters redrive
  reset forwards, reset-token,   skip changes for ever, or throw a position away:
  delete, import forwards,       --execute and --confirm <stream name>, or the name typed at a
  skip, dead-letters discard     terminal. --yes does not count.
  run or reset --accept-drift    goes on although the stream's definition changed: --confirm <stream name>.
  run --take-over                fences a live worker off, whose change in hand is handled twice: --confirm <stream name>.

Without a terminal nothing is asked: what is missing is exit 2. "No" at a prompt is exit 3. Every move prints its undo, and
--if-rev <n> (printed by the plan) refuses to apply a plan after somebody else moved the position (exit 5).`

export const timesTopic = `Times and durations

  2026-11-21T00:00:07Z, 2026-11-21T01:00:07+01:00
                      a time (RFC 3339) always has its zone; the day must exist
  -2h                 that long before now, on the server's clock
  90s, 15m, 2h30m, 1d, PT2H
                      a duration: days, hours, minutes, seconds, each once

Refused: a bare number and a time without a zone (exit 2), because a guess would be wrong by hours; a position in the future
(exit 6), because the server would wait for it in silence. pause --until alone takes a time to come, or a duration from now.
Printed times are UTC; in JSON they are RFC 3339, and durations are milliseconds in fields that end in Ms.`

export const statesTopic = `States, as list and status print them, told from the saved documents alone

  running   a worker holds it and settles changes          idle      a worker holds it, it has caught up
  stuck     a worker holds it, it is behind, and its position has not moved for two minutes, or so much is settled
            behind the change that it stands at that it reads no more: see its worker's log
  paused    by an operator: status says why, and since when its worker holds still; resume <name>
  halted    stopped by an error that needs somebody: status has it, help exit-codes what to do
  stopped   nobody holds it, after a clean stop            stale     its worker is gone without one: run <name>
  new       in the config, nothing saved yet               orphan    saved, not in the config

lag       the server's last majority write minus the oldest unsettled change; none when caught up
headroom  the time until the oplog forgets the position: then changes are lost (exit 6)`
