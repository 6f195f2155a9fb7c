import { exitCodes } from './exitCodes.js'
import { configTopic, consentTopic, whereTopic } from './texts.js'

/** `help <topic>`: what is not about one command. */
export const topics: Readonly<Record<string, string>> = {
  'exit-codes': exitCodes(),
  where: whereTopic,
  config: configTopic,
  consent: consentTopic,
}
