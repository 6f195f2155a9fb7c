import { readModel } from './streams.js'

/** The deploy of yesterday: there was no version 2. */
export const streams = [readModel(1)]
