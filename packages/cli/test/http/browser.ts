import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { vi } from 'vitest'

/** Keys of https://www.w3.org/TR/webdriver2/#keyboard-actions. */
export const keys = { tab: '\uE004', enter: '\uE007', space: ' ' } as const

/** A headless Chromium, driven as https://www.w3.org/TR/webdriver2/ says, by Debian's chromium-driver. */
export interface Browser extends AsyncDisposable {
  open(url: string): Promise<void>
  /** Runs the body of a function in the page. */
  run<T>(body: string, ...args: readonly unknown[]): Promise<T>
  press(key: string): Promise<void>
  /** Role and name of an element as a screen reader is told them. */
  heard(selector: string): Promise<{ readonly role: string; readonly label: string }>
  prefer(scheme: 'light' | 'dark'): Promise<void>
  /** What the page wrote to its console, errors of its policy included. */
  console(): Promise<readonly string[]>
}

export async function startBrowser(): Promise<Browser> {
  const profile = mkdtempSync(path.join(tmpdir(), 'boletia-chromium-'))
  const driver = spawn('chromedriver', ['--port=0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = new Promise((resolve) => driver.once('close', resolve))
  const address = await addressOf(driver)
  // Nobody but root needs it: Chromium's sandbox refuses root, and what it loads here is ours.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const { sessionId } = await call<{ sessionId: string }>(`${address}/session`, {
    capabilities: {
      alwaysMatch: {
        'goog:loggingPrefs': { browser: 'ALL' },
        'goog:chromeOptions': {
          args: ['--headless=new', '--disable-dev-shm-usage', '--disable-gpu', `--user-data-dir=${profile}`, ...sandbox],
        },
      },
    },
  })
  const session = `${address}/session/${sessionId}`
  const element = async (selector: string) => {
    const found = await call<Record<string, string>>(`${session}/element`, { using: 'css selector', value: selector })
    return `${session}/element/${Object.values(found)[0]}`
  }
  return {
    open: async (url) => await call(`${session}/url`, { url }),
    run: async (body, ...args) => await call(`${session}/execute/sync`, { script: body, args }),
    async press(key) {
      const actions = [
        { type: 'keyDown', value: key },
        { type: 'keyUp', value: key },
      ]
      await call(`${session}/actions`, { actions: [{ type: 'key', id: 'keyboard', actions }] })
    },
    async heard(selector) {
      const at = await element(selector)
      return { role: await call<string>(`${at}/computedrole`), label: await call<string>(`${at}/computedlabel`) }
    },
    async prefer(scheme) {
      const params = { features: [{ name: 'prefers-color-scheme', value: scheme }] }
      await call(`${session}/goog/cdp/execute`, { cmd: 'Emulation.setEmulatedMedia', params })
    },
    async console() {
      return (await call<{ message: string }[]>(`${session}/se/log`, { type: 'browser' })).map(({ message }) => message)
    },
    async [Symbol.asyncDispose]() {
      await fetch(session, { method: 'DELETE' })
      driver.kill()
      await exited
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function addressOf(driver: ChildProcess): Promise<string> {
  let told = ''
  let missing: Error | null = null
  driver.once('error', (error) => (missing = error))
  driver.stdout?.setEncoding('utf8').on('data', (text: string) => (told += text))
  return await vi.waitFor(
    () => {
      if (missing !== null) return Promise.reject(missing)
      const port = /started successfully on port (\d+)/.exec(told)?.[1]
      if (port === undefined) throw new Error(`chromedriver did not start: ${told}`)
      return `http://127.0.0.1:${port}`
    },
    { timeout: 60_000 },
  )
}

async function call<T>(url: string, body?: object): Promise<T> {
  const response = await fetch(url, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) })
  const { value } = (await response.json()) as { value: T & { message?: string } }
  if (!response.ok) throw new Error(`${url}: ${value.message}`)
  return value
}
