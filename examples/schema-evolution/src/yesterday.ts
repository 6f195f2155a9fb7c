import { DeadLetterError } from '@boletia/streams-core'
import { upcast } from './events.js'
import { catalogue } from './streams.js'

/** The deploy of yesterday: nobody had heard of 3.0. */
export const streams = [
  catalogue((data) => {
    if (data.specversion === '3.0') throw new DeadLetterError('no upcaster for specversion 3.0')
    return upcast(data)
  }),
]
