import { describe, expect, inject, test } from 'vitest'
import { refused, repeated, send } from '../support/http.js'
import { startEventos } from '../support/services.js'

const concert = { nombre: 'Concierto', capacidad: 30, categoria: 'música' }

describe('POST /eventos', () => {
  test('inserts an active event and answers with it', async () => {
    await using eventos = await startEventos(inject('mongoUri'))
    const reply = await send('POST', `${eventos.url}/eventos`, concert)
    const saved = await eventos.eventos.findOne()
    expect(saved).toEqual({ _id: saved?._id, ...concert, estado: 'A' })
    expect(reply).toEqual({
      status: 200,
      type: 'application/json; charset=utf-8',
      body: { Id: saved?._id.toHexString(), Nombre: 'Concierto', Capacidad: 30, Categoria: 'música', Estado: 'A' },
    })
  })

  test('accepts evento as an alias of nombre and stores it as nombre', async () => {
    await using eventos = await startEventos(inject('mongoUri'))
    const reply = await send('POST', `${eventos.url}/eventos`, { evento: 'Teatro', capacidad: 1, categoria: 'teatro' })
    const saved = await eventos.eventos.findOne()
    expect(saved).toEqual({ _id: saved?._id, nombre: 'Teatro', capacidad: 1, categoria: 'teatro', estado: 'A' })
    expect(reply.body).toEqual({ Id: saved?._id.toHexString(), Nombre: 'Teatro', Capacidad: 1, Categoria: 'teatro', Estado: 'A' })
  })

  test('refuses a second event of the same name, also one that was cancelled, and lets one of many at once through', async () => {
    await using eventos = await startEventos(inject('mongoUri'))
    const replies = await Promise.all(Array.from({ length: 8 }, () => send('POST', `${eventos.url}/eventos`, concert)))
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(replies.filter(({ status }) => status !== 200).map(refused)).toEqual(repeated(7, [409, 'CONFLICT']))
    await send('DELETE', `${eventos.url}/eventos/Concierto`)
    expect(refused(await send('POST', `${eventos.url}/eventos`, concert))).toEqual([409, 'CONFLICT'])
    expect(await eventos.eventos.countDocuments()).toBe(1)
  })

  const wrong: readonly (readonly [why: string, body: unknown])[] = [
    ['no name', { capacidad: 1, categoria: 'c' }],
    ['a name and its alias', { ...concert, evento: 'Concierto' }],
    ['an empty name', { ...concert, nombre: '' }],
    ['a name of blanks', { ...concert, nombre: ' \t' }],
    ['half a surrogate pair in the name', { ...concert, nombre: 'a\ud800' }],
    ['a number as name', { ...concert, nombre: 7 }],
    ['null as name', { ...concert, nombre: null }],
    ['an operator as name', { ...concert, nombre: { $ne: '' } }],
    ['the reserved name inventario', { ...concert, nombre: 'inventario' }],
    ['the reserved name eventos', { ...concert, nombre: 'eventos' }],
    ['a reserved name by the alias', { evento: 'eventos', capacidad: 1, categoria: 'c' }],
    ['a name that paths cannot hold', { ...concert, nombre: '..' }],
    ['no capacity', { nombre: 'x', categoria: 'c' }],
    ['capacity 0', { ...concert, capacidad: 0 }],
    ['a negative capacity', { ...concert, capacidad: -1 }],
    ['a broken capacity', { ...concert, capacidad: 1.5 }],
    ['a capacity in quotes', { ...concert, capacidad: '30' }],
    ['a capacity that is no 32-bit integer', { ...concert, capacidad: 2 ** 31 }],
    ['no category', { nombre: 'x', capacidad: 1 }],
    ['an empty category', { ...concert, categoria: '' }],
    ['an unknown key', { ...concert, estado: 'C' }],
    ['a capitalised key', { Nombre: 'x', capacidad: 1, categoria: 'c' }],
    ['an array', [concert]],
    ['a string', 'Concierto'],
    ['null', null],
  ]
  test('refuses bad input and writes nothing', async () => {
    await using eventos = await startEventos(inject('mongoUri'))
    const replies = await Promise.all(
      wrong.map(async ([why, body]) => [why, refused(await send('POST', `${eventos.url}/eventos`, body))]),
    )
    expect(replies).toEqual(wrong.map(([why]) => [why, [400, 'INVALID_INPUT']]))
    expect(await eventos.eventos.countDocuments()).toBe(0)
  })

  test('says what is wrong, without repeating the value', async () => {
    await using eventos = await startEventos(inject('mongoUri'))
    const messageOf = async (body: unknown) => (await send('POST', `${eventos.url}/eventos`, body)).body
    expect(await messageOf({ ...concert, capacidad: 'muchos' })).toEqual(invalid('body/capacidad must be integer'))
    expect(await messageOf({ ...concert, capacdad: 1 })).toEqual(invalid('body has an unknown key: "capacdad"'))
    expect(await messageOf({ ...concert, nombre: 'eventos' })).toEqual(invalid('body/nombre is reserved'))
    expect(await messageOf({ ...concert, evento: 'x' })).toEqual(invalid('body gives one value under two names: keep one'))
    expect(await messageOf([])).toEqual(invalid('body must be object'))
  })
})

describe('GET /eventos', () => {
  test('lists all events with their states; one by its name; 404 for an unknown one', async () => {
    await using eventos = await startEventos(inject('mongoUri'))
    expect(await send('GET', `${eventos.url}/eventos`)).toMatchObject({ status: 200, body: [] })
    const b = await send('POST', `${eventos.url}/eventos`, { ...concert, nombre: 'B' })
    const a = await send('POST', `${eventos.url}/eventos`, { ...concert, nombre: 'A' })
    await send('DELETE', `${eventos.url}/eventos/B`)
    const cancelled = { ...(b.body as object), Estado: 'C' }
    expect(await send('GET', `${eventos.url}/eventos`)).toMatchObject({ status: 200, body: [a.body, cancelled] })
    expect(await send('GET', `${eventos.url}/eventos/B`)).toMatchObject({ status: 200, body: cancelled })
    expect(refused(await send('GET', `${eventos.url}/eventos/b`))).toEqual([404, 'NOT_FOUND'])
  })

  test('a name with a slash, percent signs, accents, dots or thousands of characters is found by its encoded path', async () => {
    await using eventos = await startEventos(inject('mongoUri'))
    const names = [
      '50% / mitad',
      'a%2Fb',
      '100%25',
      'Ñandú y café',
      '¿Qué? #1;2+3&4=5@6',
      '日本🎸',
      '...',
      'e\u0301',
      '__proto__',
      'á'.repeat(8000),
    ]
    for (const nombre of names) {
      expect((await send('POST', `${eventos.url}/eventos`, { ...concert, nombre })).status).toBe(200)
      const found = await send('GET', `${eventos.url}/eventos/${encodeURIComponent(nombre)}`)
      expect(found).toMatchObject({ status: 200, body: { Nombre: nombre } })
      const cancelled = await send('DELETE', `${eventos.url}/eventos/${encodeURIComponent(nombre)}`)
      expect(cancelled).toEqual({ status: 200, type: 'text/plain; charset=utf-8', body: `Evento ${nombre} cancelado` })
    }
  })
})

describe('DELETE /eventos/{nombre}', () => {
  test('sets the state to C and deletes nothing', async () => {
    await using eventos = await startEventos(inject('mongoUri'))
    await send('POST', `${eventos.url}/eventos`, concert)
    await send('POST', `${eventos.url}/eventos`, { ...concert, nombre: 'Otro' })
    const reply = await send('DELETE', `${eventos.url}/eventos/Concierto`)
    expect(reply).toEqual({ status: 200, type: 'text/plain; charset=utf-8', body: 'Evento Concierto cancelado' })
    expect(
      await eventos.eventos
        .find({}, { projection: { _id: 0 } })
        .sort({ nombre: 1 })
        .toArray(),
    ).toEqual([
      { ...concert, estado: 'C' },
      { ...concert, nombre: 'Otro', estado: 'A' },
    ])
  })

  test('answers 409 the second time, one of several at once with 200, and 404 for an unknown event', async () => {
    await using eventos = await startEventos(inject('mongoUri'))
    await send('POST', `${eventos.url}/eventos`, concert)
    const replies = await Promise.all(Array.from({ length: 5 }, () => send('DELETE', `${eventos.url}/eventos/Concierto`)))
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(replies.filter(({ status }) => status !== 200).map(refused)).toEqual(repeated(4, [409, 'CONFLICT']))
    expect(refused(await send('DELETE', `${eventos.url}/eventos/Nada`))).toEqual([404, 'NOT_FOUND'])
  })
})

function invalid(message: string): unknown {
  return { error: { code: 'INVALID_INPUT', message } }
}
