import { exitCodes } from './exitCodes.js'
import { configTopic, consentTopic, statesTopic, timesTopic, whereTopic } from './texts.js'

/** `help <topic>`: what is not about one command. */
export const topics: Readonly<Record<string, string>> = {
  'exit-codes': exitCodes(),
  states: statesTopic,
  where: whereTopic,
  times: timesTopic,
  config: configTopic,
  consent: consentTopic,
}
