import { helpData, versionData } from './about.js'
import { failure, successOf } from './envelope.js'
import { completionData, configShowData, configValidateData, initData } from './config.js'
import { decisionRecord } from './decision.js'
import { checkData, waitData } from './check.js'
import { discardData, lettersData, redriveData } from './deadLetters.js'
import { deleteData } from './delete.js'
import { doctorData } from './doctor.js'
import { exportData } from './export.js'
import { historyData } from './history.js'
import { importData } from './import.js'
import { pauseData, resumeData } from './pause.js'
import { repairData } from './repair.js'
import { replayData } from './replay.js'
import { resetData } from './reset.js'
import { runData, settledRecord } from './run.js'
import { skipData } from './skip.js'
import { peekData, tailRecord } from './seen.js'
import { listData, statusData } from './status.js'
import { tokenDecodeData } from './tokenDecode.js'

export {
  doctorData,
  completionData,
  configShowData,
  configValidateData,
  decisionRecord,
  initData,
  checkData,
  peekData,
  tailRecord,
  waitData,
  deleteData,
  discardData,
  lettersData,
  redriveData,
  exportData,
  importData,
  failure,
  helpData,
  historyData,
  listData,
  pauseData,
  repairData,
  replayData,
  resetData,
  resumeData,
  runData,
  settledRecord,
  skipData,
  statusData,
  successOf,
  tokenDecodeData,
  versionData,
}

/** The document that each command prints with `--json` when it was done; `failure` otherwise. Only ever extended within `@1`. */
export const documents = {
  check: successOf('check', checkData),
  completion: successOf('completion', completionData),
  'config.show': successOf('config.show', configShowData),
  'config.validate': successOf('config.validate', configValidateData),
  'dead-letters.discard': successOf('dead-letters.discard', discardData),
  'dead-letters.export': successOf('dead-letters.export', lettersData),
  'dead-letters.list': successOf('dead-letters.list', lettersData),
  'dead-letters.redrive': successOf('dead-letters.redrive', redriveData),
  'dead-letters.show': successOf('dead-letters.show', lettersData),
  delete: successOf('delete', deleteData),
  doctor: successOf('doctor', doctorData),
  export: successOf('export', exportData),
  help: successOf('help', helpData),
  history: successOf('history', historyData),
  import: successOf('import', importData),
  init: successOf('init', initData),
  list: successOf('list', listData),
  pause: successOf('pause', pauseData),
  peek: successOf('peek', peekData),
  repair: successOf('repair', repairData),
  replay: successOf('replay', replayData),
  reset: successOf('reset', resetData),
  'reset-token': successOf('reset-token', resetData),
  resume: successOf('resume', resumeData),
  run: successOf('run', runData),
  skip: successOf('skip', skipData),
  status: successOf('status', statusData),
  'token.decode': successOf('token.decode', tokenDecodeData),
  version: successOf('version', versionData),
  wait: successOf('wait', waitData),
} as const
