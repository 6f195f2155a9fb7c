import type { Suite } from '../harness/suite.js'
import { contended } from './contended.js'
import { failover } from './failover.js'
import { handle } from './handle.js'
import { latency } from './latency.js'
import { memory } from './memory.js'
import { project } from './project.js'
import { read } from './read.js'
import { startup } from './startup.js'
import { streams } from './streams.js'

export const suites: readonly Suite[] = [read, project, contended, handle, latency, streams, memory, startup, failover]
