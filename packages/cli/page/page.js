// The page of `run --http`: asks the process it came from every two seconds and shows what it says. Only text is ever put into the document.
const everyMs = 2000
const shownMs = 15 * 60_000
const tones = {
  running: 'good',
  idle: 'good',
  stuck: 'bad',
  halted: 'bad',
  stale: 'bad',
  paused: 'warn',
  stopped: 'warn',
  new: 'warn',
}
const marks = { good: '●', warn: '▲', bad: '■' }

const byId = (id) => document.getElementById(id)
const rows = new Map()
let newest = 0
let frozen = false
let answeredAt = Date.now()

byId('freeze').addEventListener('click', ({ currentTarget }) => {
  frozen = !frozen
  currentTarget.setAttribute('aria-pressed', String(frozen))
  if (!frozen) void ask()
})
void ask()
setInterval(() => frozen || void ask(), everyMs)

async function ask() {
  try {
    const response = await fetch(`/streams.json?since=${newest}`, { signal: AbortSignal.timeout(10_000) })
    show(await response.json())
    answeredAt = Date.now()
  } catch {
    // Silence is what is told.
    if (Date.now() - answeredAt > 2 * everyMs)
      tell(byId('trouble'), `No answer since ${clock(answeredAt)}: the process may be gone. What is shown is as old as that.`)
  }
}

function show({ at, version, pid, host, lookedAt, streams }) {
  tell(byId('process'), `version ${version}, pid ${pid} on ${host}, seen ${clock(at)}`)
  const isOld = lookedAt === null || at - lookedAt > 30_000
  const old = lookedAt === null ? 'The saved state was not seen yet' : `The saved state was last seen ${clock(lookedAt)}`
  tell(byId('trouble'), isOld && at - performance.timeOrigin > 5000 ? `${old}: MongoDB does not answer.` : '')
  for (const stream of streams) {
    const row = rows.get(stream.name) ?? add(stream.name)
    row.samples.push(...stream.samples)
    newest = Math.max(newest, ...stream.samples.map(([time]) => time))
    row.samples = row.samples.filter(([time]) => time > at - shownMs)
    fill(row, stream, at)
  }
}

function add(name) {
  const details = element('tr', { hidden: '', id: `details-${rows.size}` }, element('td', { colspan: '7' }, element('dl')))
  const button = element('button', { type: 'button', 'aria-expanded': 'false', 'aria-controls': details.id }, name)
  button.addEventListener('click', () => {
    details.hidden = !details.hidden
    button.setAttribute('aria-expanded', String(!details.hidden))
  })
  const cells = Object.fromEntries(['state', 'lag', 'headroom', 'rate', 'parked', 'error'].map((key) => [key, element('td')]))
  for (const key of ['lag', 'headroom']) cells[key].append(element('span'), plot())
  byId('streams').append(element('tr', {}, element('th', { scope: 'row' }, button), ...Object.values(cells)), details)
  const row = { name, cells, list: details.querySelector('dl'), samples: [], state: null }
  rows.set(name, row)
  return row
}

function fill(row, stream, at) {
  const { cells, samples } = row
  const state = stream.state ?? 'not seen yet'
  const tone = tones[stream.state] ?? 'warn'
  cells.state.className = tone
  tell(
    cells.state,
    stream.phase === stream.state || calm(stream) ? `${marks[tone]} ${state}` : `${marks[tone]} ${state} (here: ${stream.phase})`,
  )
  if (row.state !== null && row.state !== state) tell(byId('announce'), `${row.name} is ${state} now`)
  row.state = state
  draw(
    cells.lag,
    'lag',
    stream.lagMs,
    samples.map(([time, lag]) => [time, lag]),
    at,
  )
  draw(
    cells.headroom,
    'headroom',
    stream.headroomMs,
    samples.map(([time, , headroom]) => [time, headroom]),
    at,
  )
  tell(cells.rate, rateOf(samples))
  cells.parked.className = stream.parked > 0 ? 'warn' : ''
  tell(cells.parked, stream.held > 0 ? `${stream.parked}, and ${stream.held} held` : String(stream.parked))
  tell(
    cells.error,
    stream.lastError === null ? '–' : `${stream.lastError.code} (${stream.lastError.name}), ${stream.lastError.at}`,
  )
  const { handled, skipped, parked, redriven } = stream.counts
  describe(row.list, {
    'In this process': `${stream.phase}; ${handled} handled, ${skipped} skipped, ${parked} parked, ${redriven} put back`,
    Position: stream.position === null ? 'none saved' : `${stream.position.clusterTime}  ${stream.position.token}`,
    Owner: stream.owner ?? 'nobody',
    Epoch: stream.epoch === null ? 'no lease' : String(stream.epoch),
    Restarts: String(stream.restarts),
    Paused: stream.paused ?? 'no',
    'Oldest parked': stream.parkedSince ?? 'none',
    'Stopped at change': stream.lastError?.token ?? 'none',
    'Look closer': `boletia-streams status ${stream.name}`,
  })
}

/** The phase says the same as the state, in another word. */
const calm = ({ phase, state }) => phase === 'running' && (state === 'idle' || state === 'stuck')

function draw(cell, what, now, points, at) {
  const known = points.filter(([, value]) => value !== null)
  const most = Math.max(1, ...known.map(([, value]) => value))
  const text = now === null ? 'unknown' : duration(now)
  tell(cell.querySelector('span'), text)
  const svg = cell.querySelector('svg')
  svg.setAttribute(
    'aria-label',
    `${what} of the last quarter of an hour: now ${text}, at most ${known.length === 0 ? 'unknown' : duration(most)}`,
  )
  // A young process would else draw a sliver at the edge.
  const wide = Math.max(2 * 60_000, at - (known[0]?.[0] ?? at))
  const line = known.map(
    ([time, value]) => `${(100 * (1 - (at - time) / wide)).toFixed(2)},${(29 - (28 * value) / most).toFixed(2)}`,
  )
  svg.firstChild.setAttribute('points', line.join(' '))
}

function plot() {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  for (const [name, value] of Object.entries({ viewBox: '0 0 100 30', preserveAspectRatio: 'none', role: 'img' }))
    svg.setAttribute(name, value)
  svg.append(document.createElementNS('http://www.w3.org/2000/svg', 'polyline'))
  return svg
}

/** Settled changes a second, over the last half minute. */
function rateOf(samples) {
  const last = samples.at(-1)
  const first = samples.find(([time]) => time >= (last?.[0] ?? 0) - 30_000)
  if (last === undefined || first === last) return '–'
  const rate = (1000 * (last[3] - first[3])) / (last[0] - first[0])
  return `${rate >= 10 || rate === 0 ? Math.round(rate).toLocaleString('en-US') : rate.toFixed(1)}/s`
}

function duration(ms) {
  if (ms < 1000) return ms === 0 ? '0 s' : `${Math.round(ms)} ms`
  const total = Math.floor(ms / 1000)
  const parts = [
    [Math.floor(total / 86_400), 'd'],
    [Math.floor(total / 3600) % 24, 'h'],
    [Math.floor(total / 60) % 60, 'min'],
    [total % 60, 's'],
  ]
  const first = parts.findIndex(([amount]) => amount > 0)
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ')
}

const clock = (time) => new Date(time).toLocaleTimeString()

function describe(list, entries) {
  if (list.childElementCount === 0) for (const key of Object.keys(entries)) list.append(element('dt', {}, key), element('dd'))
  for (const [index, value] of Object.values(entries).entries()) tell(list.querySelectorAll('dd')[index], value)
}

/** Only what differs: a screen reader would read again what it has read. */
function tell(place, text) {
  if (place.textContent !== text) place.textContent = text
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}
