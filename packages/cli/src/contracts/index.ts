import { helpData, versionData } from './about.js'
import { failure, successOf } from './envelope.js'
import { historyData } from './history.js'
import { pauseData, resumeData } from './pause.js'
import { replayData } from './replay.js'
import { resetData } from './reset.js'
import { runData } from './run.js'
import { listData, statusData } from './status.js'
import { tokenDecodeData } from './tokenDecode.js'

export {
  failure,
  helpData,
  historyData,
  listData,
  pauseData,
  replayData,
  resetData,
  resumeData,
  runData,
  statusData,
  successOf,
  tokenDecodeData,
  versionData,
}

/** The document that each command prints with `--json` when it was done; `failure` otherwise. Only ever extended within `@1`. */
export const documents = {
  help: successOf('help', helpData),
  history: successOf('history', historyData),
  list: successOf('list', listData),
  pause: successOf('pause', pauseData),
  replay: successOf('replay', replayData),
  reset: successOf('reset', resetData),
  'reset-token': successOf('reset-token', resetData),
  resume: successOf('resume', resumeData),
  run: successOf('run', runData),
  status: successOf('status', statusData),
  'token.decode': successOf('token.decode', tokenDecodeData),
  version: successOf('version', versionData),
} as const
