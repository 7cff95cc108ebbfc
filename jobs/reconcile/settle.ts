import { shiftInstant, toControlTime } from '../../src/db/date-time.ts'
import type { Transaction } from '../../src/db/session.ts'
import type { Scene } from './fix.ts'
import { settleItem } from './sql.ts'

type Settlement = Omit<Parameters<typeof settleItem>[1], 'job' | 'keyHash'>

/** Where an item stands after a step, in the step's own transaction. */
export async function settle(
  { context }: Scene,
  transaction: Transaction,
  keyHash: string,
  settlement: Settlement,
): Promise<void> {
  await transaction.change(settleItem(context.control.schema, { job: context.job, keyHash, ...settlement }))
}

/** What is left to people is still watched: it may resolve itself. */
const WATCH_AGAIN_MS = 24 * 60 * 60 * 1000

export async function leaveToPeople(
  scene: Scene,
  transaction: Transaction,
  keyHash: string,
  reason: string,
): Promise<void> {
  const nextCheckAt = toControlTime(shiftInstant(scene.context.asOf, WATCH_AGAIN_MS))
  await settle(scene, transaction, keyHash, { state: 'review', reason, nextCheckAt })
}
