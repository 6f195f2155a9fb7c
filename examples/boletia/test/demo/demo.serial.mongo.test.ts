import type { Evento, Inventario } from '@boletia/handlers'
import { MongoClient } from 'mongodb'
import { execFile } from 'node:child_process'
import { expect, test } from 'vitest'
import { type DemoProcess, expectNothingLeft, startDemo } from './demoProcess.js'

// A dozen processes on a machine with two cores that does other things too.
const timeout = 360_000

test(
  'the demo plays its five steps, kills two streams with changes in flight, passes, and leaves nothing',
  { timeout },
  async () => {
    await using demo = await startDemo()
    expect([await demo.ended, demo.stderr()]).toEqual([0, ''])
    const out = demo.stdout()
    expect(out).toMatch(/POST \/reservas 10 +→ 200 {2}disponible 19 · reserva of 10: A · mail “está confirmada”\n/)
    expect(out).toMatch(
      /DELETE \/reservas\/\{the 10\} +→ 200 {2}disponible 29 · reserva of 10: X · mail “fue cancelada a petición suya”\n/,
    )
    expect(out).toMatch(
      /DELETE \/eventos\/Concierto +→ 200 {2}inventario C · reserva of 1: C · reserva of 10: X · mail “fue cancelada, el evento/,
    )
    for (const stream of ['streamInventario', 'streamReserva']) {
      expect(out).toMatch(new RegExp(`kill -9 ${stream} +pid (\\d+), [1-9]\\d* changes? in flight → pid (?!\\1)\\d+ carries on`))
      expect(out).toMatch(new RegExp(`^  ${stream} +[1-9]\\d* \\(\\d+ by a killed worker\\*\\) +[1-9]$`, 'm'))
    }
    expect(out).toMatch(/^ {2}Carmen +180 +(\d+) \+ (\d+) = 180 {2}ok$/m)
    expect(out).toMatch(/^PASS {2}by the checker/m)
    // No colour but on a terminal; no address of a customer.
    expect(out).not.toContain('\u001B')
    expect(out).not.toContain('@')
    await expectNothingLeft(demo)
  },
)

test('one ticket added by hand while it plays: FAIL, exit 1, and where', { timeout }, async () => {
  await using demo = await startDemo()
  await demo.said(/Several events/)
  await using client = new MongoClient(uriOf(demo))
  const inventario = client.db('boletia').collection<Inventario>('inventario')
  await expect
    .poll(() => inventario.updateOne({ nombre: 'Carmen' }, { $inc: { disponible: 1 } }), { timeout: 60_000 })
    .toMatchObject({ matchedCount: 1 })
  // A mongod that goes away while a client is open would keep the client waiting.
  await client.close()
  expect(await demo.ended).toBe(1)
  expect(demo.stdout()).toMatch(/^FAIL {2}by the checker.*\n {2}Carmen: disponible \d+ \+ \d+ reserved = 181, not 180$/m)
  expect(demo.stdout()).toMatch(/^ {2}Carmen +180 +\d+ \+ \d+ = 181 {2}WRONG$/m)
  await expectNothingLeft(demo)
})

test(
  '--keep leaves it up: the curl lines and the checker’s line work as printed; Ctrl-C removes everything',
  { timeout },
  async () => {
    await using demo = await startDemo('--keep')
    const [, uri] = await demo.said(/export MONGODB_URI='(.+)' BOLETIA/)
    const [checkLine, mails] = await demo.said(/node examples\/boletia\/dist\/check\.js --mails (.+)\n/)
    expect(demo.stdout()).toMatch(/^PASS/m)

    const curls = demo
      .stdout()
      .split('\n')
      .filter((line) => line.startsWith('  curl '))
    expect(curls).toHaveLength(3)
    const replies: unknown[] = []
    for (const line of curls) replies.push(await curl(line))
    expect(replies).toMatchObject([{ Nombre: 'Recital', Capacidad: 5 }, { Evento: 'Recital', Estado: 'A' }, { Disponible: 3 }])

    await using client = new MongoClient(uri as string)
    const db = client.db()
    const { Id } = replies[1] as { readonly Id: string }
    const check = () => runHere(checkLine.trim(), { MONGODB_URI: uri as string })
    await expect
      .poll(check, { timeout: 60_000, interval: 100 })
      .toMatchObject({ code: 0, stdout: expect.stringMatching(/^PASS {2}7 events/) })
    expect(await db.collection<Evento>('eventos').countDocuments()).toBe(7)
    expect([Id, mails]).toEqual([expect.stringMatching(/^[0-9a-f]{24}$/), expect.stringContaining('correos')])
    await db.collection<Inventario>('inventario').updateOne({ nombre: 'Recital' }, { $inc: { disponible: 1 } })
    expect(await check()).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('Recital: disponible 4 + 2 reserved = 6, not 5'),
    })
    await client.close()

    demo.child.kill('SIGINT')
    expect(await demo.ended).toBe(0)
    await expectNothingLeft(demo)
  },
)

test.each([
  ['interrupted', 'SIGINT', 130],
  ['told to end', 'SIGTERM', 143],
  ['killed', 'SIGKILL', 'SIGKILL'],
] as const)('a demo that is %s (%s) in the middle leaves nothing', { timeout }, async (_how, signal, exit) => {
  await using demo = await startDemo()
  await demo.said(/POST \/eventos/)
  expect(demo.running().filter(({ command }) => / run stream/.test(command))).toHaveLength(4)
  demo.child.kill(signal)
  expect(await demo.ended).toBe(exit)
  expect(demo.stdout()).not.toMatch(/PASS|FAIL/)
  await expectNothingLeft(demo)
})

test('a process that dies by itself ends the demo with exit 1 and its last words, and leaves nothing', { timeout }, async () => {
  await using demo = await startDemo()
  await demo.said(/POST \/eventos/)
  const service = demo.running().find(({ command }) => command.endsWith('eventos.js'))
  process.kill(service?.pid as number, 'SIGKILL')
  expect(await demo.ended).toBe(1)
  expect(demo.stderr()).toMatch(/^demo: eventos ended with SIGKILL; it said last:\n[^]*\n {2}eventos listening on http/)
  await expectNothingLeft(demo)
})

test('an unknown flag exits with 2 and the usage, and starts nothing', async () => {
  await using demo = await startDemo('--kepe')
  expect([await demo.ended, demo.stdout()]).toEqual([2, ''])
  expect(demo.stderr()).toMatch(/--kepe[^]*npm run demo -- --keep/)
  await expectNothingLeft(demo)
})

/** Where the demo's mongod is: it prints that only with --keep. */
function uriOf({ running }: DemoProcess): string {
  const commands = running()
    .map(({ command }) => command)
    .join('\n')
  return `mongodb://127.0.0.1:${/--port (\d+) --dbpath/.exec(commands)?.[1]}/?directConnection=true`
}

/** Does what a printed curl line does: not every machine has curl. */
async function curl(line: string): Promise<unknown> {
  const [, body] = /-H 'Content-Type: application\/json' -d '(.+?)' /.exec(line) ?? []
  const [url] = /http:\S+$/.exec(line) ?? []
  const ask = async () =>
    await fetch(
      url as string,
      body === undefined ? {} : { method: 'POST', body, headers: { 'content-type': 'application/json' } },
    )
  // A person types the second line later than the stream needs for the first one's inventory.
  let reply = await ask()
  await expect.poll(async () => (reply.ok ? reply : (reply = await ask())).ok, { timeout: 60_000 }).toBe(true)
  return await reply.json()
}

/** A printed line with a program of the repository, typed at its root. */
function runHere(
  line: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly stdout: string }> {
  const [, ...args] = line.split(' ')
  const cwd = new URL('../../../../', import.meta.url)
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd, env: { ...process.env, ...env } }, (error, stdout) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout }),
    )
  })
}
