import { type ReplicaSet, type TestDatabase, startReplicaSet, testDatabase } from '@boletia/streams-core/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { documents } from '../../src/contracts/index.js'
import { boletiaStreams } from '../program.js'
import { type Browser, keys, startBrowser } from './browser.js'
import { watchedRun } from './watched.js'

let set: ReplicaSet
let browser: Browser
let database: TestDatabase
const env = () => ({ MONGODB_URI: database.uri })
const insert = async (...documents: object[]) =>
  await database.db.collection('reservas').insertMany(documents, { writeConcern: { w: 'majority' } })
const text = async (selector: string) =>
  await browser.run<string>('return document.querySelector(arguments[0])?.textContent ?? ""', selector)
const cells = async (row: number) =>
  await browser.run<string[]>(
    'return [...document.querySelectorAll("#streams > tr:not([hidden])")][arguments[0]]?.innerText.split("\\t") ?? []',
    row,
  )
const focused = async () => await browser.run<string>('return document.activeElement.textContent.trim().slice(0, 40)')

beforeAll(async () => {
  set = await startReplicaSet({ auth: true })
  browser = await startBrowser()
})
afterAll(async () => {
  await browser[Symbol.asyncDispose]()
  await set.stop()
})
beforeEach(async () => {
  database = await testDatabase(set.uri)
  await boletiaStreams(['run', 'stream[EF]*', '--once'], { env: env() })
})
afterEach(async () => await database[Symbol.asyncDispose]())

describe('the page of run --http, in a headless Chromium,', () => {
  test('shows the streams live: state, lag, headroom, rate, the last error', async () => {
    await using run = await watchedRun(['stream[EF]*', '--on-fatal', 'hold'], env())
    await browser.open(run.url)
    await expect.poll(() => cells(0)).toEqual(expect.arrayContaining(['streamEvento', '● idle']))
    expect(await text('caption')).toContain('Streams of this process')
    await insert({ email: 'ana@example.com', telefono: '55 1234' })
    await expect.poll(async () => (await cells(1)).join(' ')).toMatch(/streamFalla ■ halted .* HANDLER_FAILED \(Error\)/s)
    expect(await text('#announce'), 'told to screen readers').toBe('streamFalla is halted now')
    const { stdout } = await boletiaStreams(['status', 'streamFalla', '--json'], { env: env() })
    const { lastError } = documents.status.parse(JSON.parse(stdout)).data
    // What `skip` is given.
    expect(await text('#details-1 dl')).toContain(`Stopped at change${lastError!.token}`)
    expect(await text('#details-0 dl')).toContain('Stopped at changenone')
    // The newest sample makes a plot, beside the one before.
    const points = 'return document.querySelectorAll("polyline")[1].getAttribute("points").split(" ").length'
    await expect.poll(() => browser.run<number>(points)).toBeGreaterThan(2)
    expect((await cells(0)).join(' ')).toMatch(/\d+ (d|h|min).*\d\/s/s)
    expect(await browser.run('return document.documentElement.outerHTML')).not.toMatch(/ana@|55 1234/)
  })

  test('is one document: it asks nobody but its process, and its policy allows nothing else', async () => {
    await using run = await watchedRun(['streamEvento'], env())
    const { body, headers } = await run.get('/')
    expect(body).not.toMatch(/(src|href)="(?!data:|\/metrics"|\/readyz")/)
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    // Of the page before, whose process has ended.
    await browser.open('about:blank')
    await browser.console()
    await browser.open(run.url)
    await expect.poll(() => text('#streams')).toContain('streamEvento')
    const asked = await browser.run<string[]>('return performance.getEntriesByType("resource").map(({ name }) => name)')
    expect(asked.length).toBeGreaterThan(0)
    expect(asked.filter((name) => !name.startsWith(`${run.url}/streams.json`))).toEqual([])
    expect(await browser.console()).toEqual([])
    // The control: the policy is in force.
    await browser.run(
      'document.head.append(Object.assign(document.createElement("style"), { textContent: "body { color: red }" }))',
    )
    expect((await browser.console()).join('\n')).toContain('Content Security Policy')
  })

  test('is used with the keyboard, and says to a screen reader what it draws', async () => {
    await using run = await watchedRun(['streamEvento'], env())
    await browser.open(run.url)
    await expect.poll(() => text('#streams')).toContain('idle')
    await browser.press(keys.tab)
    expect(await focused()).toBe('Pause updates')
    await browser.press(keys.space)
    expect(await browser.heard('#freeze')).toEqual({ role: 'button', label: 'Pause updates' })
    expect(await browser.run('return document.querySelector("#freeze").getAttribute("aria-pressed")')).toBe('true')
    await browser.press(keys.tab)
    await browser.press(keys.tab)
    expect(await focused()).toBe('streamEvento')
    await browser.press(keys.enter)
    expect(await text('#streams dl')).toMatch(/Position20.*Owner.*Restarts0/s)
    expect(await browser.run('return document.activeElement.getAttribute("aria-expanded")')).toBe('true')
    expect(await browser.heard('#wide')).toEqual({ role: 'region', label: 'Streams of this process' })
    expect(await browser.heard('tbody th')).toMatchObject({ role: 'rowheader' })
    const { role, label } = await browser.heard('svg')
    expect(role).toMatch(/^(image|img)$/)
    expect(label).toMatch(/^lag of the last quarter of an hour: now 0 s/)
  })

  test.each(['light', 'dark'] as const)('can be read in %s: every text has the contrast of WCAG AA', async (scheme) => {
    await using run = await watchedRun(['streamEvento'], env())
    await browser.prefer(scheme)
    await browser.open(run.url)
    await expect.poll(() => text('#streams')).toContain('idle')
    const contrasts = await browser.run<number[]>(`
      const light = (colour) => {
        const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map((part) => part / 255)
          .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
      }
      const paper = light(getComputedStyle(document.body).backgroundColor)
      return ['body', '#process', '#freeze', 'td.good', 'caption', 'tbody button'].map((selector) => {
        const ink = light(getComputedStyle(document.querySelector(selector)).color)
        return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05)
      })`)
    expect(Math.min(...contrasts)).toBeGreaterThan(4.5)
    const paper = await browser.run<string>('return getComputedStyle(document.body).backgroundColor')
    expect(paper).toBe(scheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(15, 19, 24)')
  })

  test('says that its process is gone, and keeps what it showed', async () => {
    await using run = await watchedRun(['streamEvento'], env())
    await browser.open(run.url)
    await expect.poll(() => text('#streams')).toContain('idle')
    expect(await browser.heard('#trouble')).toMatchObject({ role: 'alert' })
    expect(await text('#trouble')).toBe('')
    await run.stop()
    await expect.poll(() => text('#trouble')).toMatch(/^No answer since .*the process may be gone/)
    expect(await text('#streams')).toContain('idle')
  })
})
