// A database user who exists and may do nothing, as it is when somebody forgot the roles.
import path from 'node:path'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { documents } from '../src/contracts/index.js'
import { boletiaStreams, fixtures } from './program.js'

const cwd = path.join(fixtures, 'doctor')
const user = `nadie_${process.pid}`
const uri = inject('mongoUri').replace(/\/\/([^@]*@)?/, `//${user}:pwd@`)
const env = { MONGODB_URI: uri.includes('authSource=') ? uri : `${uri}${uri.includes('?') ? '&' : '/?'}authSource=admin` }
let root: MongoClient
beforeAll(async () => {
  root = new MongoClient(inject('mongoUri'))
  await root.db('admin').command({ createUser: user, pwd: 'pwd', roles: [] })
})
afterAll(async () => {
  await root.db('admin').command({ dropUser: user })
  await root.close()
})

test('doctor goes on to the privileges, and prints the grant of all that is missing', async () => {
  const { code, stdout, stderr } = await boletiaStreams(['doctor', '--json'], { cwd, env })
  expect({ code, stderr }).toEqual({ code: 11, stderr: '' })
  const { findings } = documents.doctor.parse(JSON.parse(stdout)).data
  const lacking = findings.filter(({ about, level }) => about === 'privileges' && level === 'critical')
  expect(lacking.map(({ message }) => message)).toContain(
    `the user ${user} may not find, insert, update on boletia_doctor.stream`,
  )
  const [{ fix } = { fix: null }] = lacking
  expect(fix).toContain(`grantRolesToUser("${user}", [{role: "boletiaStreams", db: "admin"}])`)
  expect(fix).toContain('{"resource":{"db":"boletia_doctor","collection":"reservas"},"actions":["find","changeStream"]}')
  expect(stdout).not.toMatch(/lsid|signature/)
})

test.each([[['list']], [['run', 'streamExigente']]])(
  '%s leads to doctor, without the session of what was refused',
  async (args) => {
    const { code, stderr } = await boletiaStreams(args, { cwd, env })
    expect(code).toBe(8)
    expect(stderr).toContain('[UNAUTHORISED]')
    expect(stderr).toMatch(/not authorized on boletia_doctor to execute command \{ .*, … \}$/m)
    expect(stderr).toMatch(/: boletia-streams doctor$/m)
    expect(stderr).not.toMatch(/lsid|signature/)
  },
)
