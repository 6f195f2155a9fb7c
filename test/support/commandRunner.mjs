// The command in one process for many command lines: most of the time of one that only looks is the start of Node.
// Gets {argv, cwd}, answers {code, stderr}.
import { main } from '../../packages/cli/dist/main.js'

const write = process.stderr.write.bind(process.stderr)
let said = ''
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (chunk, encoding, done) => {
    if (stream === process.stderr) said += chunk
    const callback = typeof encoding === 'function' ? encoding : done
    callback?.()
    return true
  }
}

// What the command ends its process with is its answer here.
let answer = () => undefined
process.exit = (code) => answer(code)
process.on('uncaughtException', (error) => void write(`${error.stack}\n`))

async function run(argv, done) {
  answer = done
  try {
    await main(argv)
  } catch (error) {
    done(String(error))
  }
}

process.on('message', ({ argv, cwd }) => {
  said = ''
  process.chdir(cwd)
  void run(argv, (code) => process.send({ code, stderr: said }))
})
