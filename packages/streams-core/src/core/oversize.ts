import type { Document } from 'mongodb'
import { errorNumber } from './errorClass.js'

// BSONObjectTooLarge: with its images a change is over 16 MB, and the server cannot send it.
const tooLarge = 10334

// NoMatchingDocument: it has not the image that it must have.
const imageMissing = 47

export const isOversize = (error: unknown): boolean => errorNumber(error) === tooLarge

/** One change is at fault, and the server gives nothing of the batch that it would be in. */
export const isOfOneChange = (error: unknown): boolean => isOversize(error) || errorNumber(error) === imageMissing

/** Fields of a change that the server adds to what is in the oplog: what makes it too large. */
const images = ['fullDocument', 'fullDocumentBeforeChange'] as const

/** Where there was an image there is null, as where a document was not found. Behind the stream's own pipeline, which may match by an image. */
const emptied = Object.fromEntries(
  images.map((image) => [image, { $cond: [{ $eq: [{ $type: `$${image}` }, 'missing'] }, '$$REMOVE', null] }]),
)

export const withoutImages: Document = { $set: emptied }
export const asOversize: Document = { $set: { ...emptied, oversize: true } }

/** Whether a path of an oversize change leads into what was left out: nobody but the server can tell what was there. */
export function isLeftOut(change: Document, [first]: readonly string[]): boolean {
  return change['oversize'] === true && (images as readonly (string | undefined)[]).includes(first)
}
