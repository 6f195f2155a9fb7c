import { ObjectId } from 'mongodb'
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { active, box, givenBack, runCheck, suspended } from './box.js'

const id = (reserva: typeof active) => reserva._id.toHexString()

test('untouched data passes with exit 0, and the report counts what is there', async () => {
  await using data = await box()
  const { code, stdout } = await data.run('--json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual({
    pass: true,
    faults: [],
    events: [
      { nombre: 'Concierto', estado: 'A', capacidad: 30, disponible: 28, reserved: 2 },
      { nombre: 'Ópera', estado: 'C', capacidad: 10, disponible: 6, reserved: 0 },
    ],
    reservations: { A: 1, C: 1, X: 1 },
    mails: { A: 3, C: 1, X: 1, repeated: 0 },
  })
  expect(await data.run()).toEqual({ code: 0, stdout: 'PASS  2 events, 3 reservations, 5 mails (0 repeated)\n', stderr: '' })
})

test('one ticket added by hand fails with exit 1, and the text says where', async () => {
  await using data = await box()
  await data.inventario.updateOne({ nombre: 'Concierto' }, { $inc: { disponible: 1 } })
  const { code, stdout } = await data.run()
  expect(code).toBe(1)
  expect(stdout).toMatch(/^FAIL {2}2 events/)
  expect(stdout).toContain('Concierto: disponible 29 + 2 reserved = 31, not 30')
})

test('a mail that is missing fails: of the confirmation, and of the final state', async () => {
  await using data = await box()
  await rm(await data.mailFile(active, 'A'))
  expect(await data.faults()).toEqual([`reservation ${id(active)}: no mail of its state A`])
  await data.send(active, 'A', '00000001')
  await rm(await data.mailFile(suspended, 'C'))
  expect(await data.faults()).toEqual([`reservation ${id(suspended)}: no mail of its state C`])
})

test('a mail whose text is changed by one letter fails, quoted-printable or not', async () => {
  await using data = await box()
  const file = await data.mailFile(active, 'A')
  const message = await readFile(file, 'utf8')
  expect(message).toContain('quoted-printable')
  await writeFile(file, message.replace(' de 2 boletos', ' de 3 boletos'))
  expect(await data.faults()).toEqual([
    expect.stringMatching(/^mail .*\.eml: its text is none of the three$/),
    `reservation ${id(active)}: no mail of its state A`,
  ])
})

test('a mail of a state that the reservation never had, or to somebody else, fails', async () => {
  await using data = await box()
  await data.send(active, 'C', '00000009')
  expect(await data.faults()).toEqual([expect.stringMatching(/^mail .* tells of C, which its reservation never was$/)])
  await rm(await data.mailFile(active, 'C'))
  const file = await data.mailFile(active, 'A')
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^To: .*$/m, 'To: eva@example.org'))
  expect(await data.faults()).toEqual([expect.stringMatching(/^mail .* went to somebody else$/)])
})

test('a second mail of one state is counted and tolerated', async () => {
  await using data = await box()
  await data.send(active, 'A', '00000009')
  expect(await data.faults()).toEqual([])
  expect((await data.report()).mails).toEqual({ A: 4, C: 1, X: 1, repeated: 1 })
})

test('a granted request without its reservation, and a reservation that nobody asked for, fail', async () => {
  await using data = await box()
  const lost = new ObjectId().toHexString()
  await appendFile(data.accepted, `${lost}\n`)
  expect(await data.faults()).toEqual([`reservation ${lost} was granted and is lost`])
  await writeFile(data.accepted, `${id(active)}\n${id(suspended)}\n`)
  expect(await data.faults()).toEqual([`reservation ${id(givenBack)} exists, but nobody was granted it`])
})

test('a reservation left active under a cancelled event, cancelled under an active one, or in no state, fails', async () => {
  await using data = await box()
  const set = (reserva: typeof active, estado: string) =>
    data.reservas.updateOne({ _id: reserva._id }, { $set: { estado: estado as 'A' } })
  await set(suspended, 'A')
  expect(await data.faults()).toContain(`Ópera is cancelled, its reservation ${id(suspended)} is still A`)
  await set(suspended, 'C')
  await set(givenBack, 'C')
  expect(await data.faults()).toContain(`reservation ${id(givenBack)} was cancelled with its event, but Concierto is active`)
  await set(givenBack, 'Z')
  expect(await data.faults()).toContain(`reservation ${id(givenBack)}: its state is "Z"; only A, C and X exist`)
})

test('an event whose inventory is missing, in another state, or oversold, fails', async () => {
  await using data = await box()
  await data.inventario.updateOne({ nombre: 'Ópera' }, { $set: { estado: 'A' } })
  expect(await data.faults()).toEqual(['Ópera: the event is C, its inventory A'])
  await data.inventario.deleteOne({ nombre: 'Ópera' })
  expect(await data.faults()).toEqual(["Ópera: 0 inventory documents; one, with the event's _id, is due"])
})

test('an empty database does not pass', async () => {
  await using data = await box()
  for (const collection of [data.eventos, data.inventario, data.reservas]) await collection.deleteMany({})
  expect(await data.faults()).toContain('there is not one event: nothing was checked')
})

test('wrong arguments exit with 2 and the usage; a MongoDB that is away with 8, without the password', async () => {
  const MONGODB_URI = 'mongodb://user:secret@127.0.0.1:1/?serverSelectionTimeoutMS=50'
  expect(await runCheck(['--mails', '.', '--jsn'], { MONGODB_URI })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--jsn'),
  })
  expect(await runCheck(['--mails', '.'], {})).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('MONGODB_URI is not set'),
  })
  const away = await runCheck(['--mails', '.'], { MONGODB_URI })
  expect(away).toMatchObject({ code: 8, stdout: '', stderr: expect.stringContaining('cannot be read') })
  expect(away.stderr).not.toContain('secret')
})
