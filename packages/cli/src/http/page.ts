import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Answer } from './answer.js'

const file = (name: string) => readFileSync(new URL(`../../page/${name}`, import.meta.url), 'utf8')
const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** The page as one document: it loads nothing else, and its policy lets a browser run and load nothing else either. */
export function page(): Answer {
  const style = file('page.css')
  const script = file('page.js')
  // Functions: a $ in the files would otherwise mean something.
  const body = file('page.html')
    .replace('<style></style>', () => `<style>${style}</style>`)
    .replace('<script type="module"></script>', () => `<script type="module">${script}</script>`)
  const policy = [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    `script-src ${hash(script)}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return { status: 200, type: 'text/html', body, headers: { 'content-security-policy': policy.join('; ') } }
}
