import { readdir, readFile } from 'node:fs/promises'
import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'
import { mailFromEnvironment } from '../../src/index.js'
import { mail } from './sinks.js'
import { temporaryFolder } from './temporaryFolder.js'

test('nothing but a folder is needed for mails into files; empty variables count as missing', async () => {
  await using temporary = await temporaryFolder()
  const transport = await mailFromEnvironment({ MAIL_TRANSPORT: '', SENDER_EMAIL: '', MAIL_DIR: temporary.folder })
  await transport.send(mail('A'))
  const [name = ''] = await readdir(temporary.folder)
  expect((await PostalMime.parse(await readFile(`${temporary.folder}/${name}`))).from?.address).toBe('boletia@example.org')
})

const SENDER_EMAIL = 'boletos@example.org'
test.each([
  ['an unknown transport', { MAIL_TRANSPORT: 'smpt', SENDER_EMAIL }, /^MAIL_TRANSPORT must be file, smtp or ses; got "smpt"$/],
  [
    'smtp without a sender',
    { MAIL_TRANSPORT: 'smtp', SMTP_URL: 'smtp://localhost' },
    /^SENDER_EMAIL is missing: .*SENDER_EMAIL=name@domain$/,
  ],
  ['ses without a sender', { MAIL_TRANSPORT: 'ses' }, /^SENDER_EMAIL is missing/],
  ['a sender that is no address', { SENDER_EMAIL: 'boletos' }, /^SENDER_EMAIL must be one plain e-mail address/],
  ['a sender with a line break', { SENDER_EMAIL: 'a@example.org\r\nBcc: b@example.org' }, /^SENDER_EMAIL must be/],
  ['smtp without a URL', { MAIL_TRANSPORT: 'smtp', SENDER_EMAIL }, /^SMTP_URL is missing: .*SMTP_URL=smtp:\/\/localhost:2525/],
  [
    'a URL without a scheme',
    { MAIL_TRANSPORT: 'smtp', SENDER_EMAIL, SMTP_URL: 'user:geheim@localhost' },
    /^SMTP_URL must begin with/,
  ],
  [
    'a URL of another scheme',
    { MAIL_TRANSPORT: 'smtp', SENDER_EMAIL, SMTP_URL: 'https://user:geheim@localhost' },
    /^SMTP_URL must begin with/,
  ],
  ['a URL without a host', { MAIL_TRANSPORT: 'smtp', SENDER_EMAIL, SMTP_URL: 'smtp:geheim' }, /^SMTP_URL must begin with/],
])('%s is refused by the variable’s name, with what to set and without secrets', async (_, env, message) => {
  const error = await mailFromEnvironment(env).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) })
  expect(String(error)).not.toContain('geheim')
})
