import { defineStream } from '@boletia/streams-core'
import { insertOnce, transition } from '@boletia/streams-core/guards'
import { type Order, type Step, type StepName, saga } from './saga.js'

const targets = { steps: { collection: 'steps' }, orders: { collection: 'orders' } }

function ask(name: StepName, { order, product, pieces, total }: Omit<Step, '_id' | 'name' | 'state'>) {
  const document = { _id: `${order}/${name}`, order, name, product, pieces, total, state: 'asked' } satisfies Step
  return insertOnce({ target: 'steps', document })
}

/** An order begins its saga. */
export const sagaStart = defineStream<Order>({
  name: 'sagaStart',
  watch: { collection: 'orders' },
  pipeline: [{ $match: { operationType: 'insert' } }],
  targets,
  project(change) {
    if (change.operationType !== 'insert') return
    const { _id, ...order } = change.fullDocument
    return [ask('reserve', { ...order, order: _id })]
  },
})

/** A step was answered: the table says what is next. */
export const sagaNext = defineStream<Step>({
  name: 'sagaNext',
  watch: { collection: 'steps' },
  pipeline: [{ $match: { operationType: 'update', 'updateDescription.updatedFields.state': { $in: ['done', 'refused'] } } }],
  targets,
  project(change) {
    // But for its state, which `updatedFields` has as of this change, a step never changes.
    if (change.operationType !== 'update' || change.fullDocument === null) return
    const step = change.fullDocument
    const next = saga[step.name][change.updateDescription.updatedFields?.state as 'done' | 'refused']
    if (next === undefined) throw new Error(`${step.name} cannot be refused`)
    if ('ask' in next) return [ask(next.ask, step)]
    return [transition({ target: 'orders', filter: { _id: step.order }, from: 'placed', to: next.end })]
  },
})
