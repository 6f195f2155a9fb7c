import { expect, test } from 'vitest'
import { createRedactor } from '../../src/output/redact.js'
import { createClient } from '../../src/world/clients.js'

test('every password among the driver’s options is hidden from then on', async () => {
  const redactor = createRedactor()
  const proxy = { proxyHost: '127.0.0.1', proxyPort: 1, proxyUsername: 'ana', proxyPassword: 'planted-proxy' }
  const more = {
    auth: { username: 'ana', password: 'planted-auth' },
    tlsCertificateKeyFilePassword: 'planted-key',
    passphrase: 'planted-phrase',
  }
  await createClient('mongodb://127.0.0.1:1/', { ...proxy, ...more }, 'a test', redactor).close()
  const told = 'planted-proxy planted-auth planted-key planted-phrase'
  expect(redactor.text(told)).toBe('*** *** *** ***')
})
