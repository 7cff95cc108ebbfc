import { isMapped } from './candidates.ts'
import type { Scene } from './fix.ts'
import { compareDecimals, parseDecimal } from './money.ts'
import { createLookUp } from './observe.ts'
import type { Step } from './plan-model.ts'
import { lookUp, type Observation } from './remote.ts'
import type { StepEnding } from './result-model.ts'
import { type LocalRow, toLocalRow } from './row.ts'
import { leaveToPeople } from './settle.ts'
import { selectRow } from './sql.ts'

/** Why a cancel is not sent. */
export interface Refusal {
  readonly ending: StepEnding
  readonly text: string
}

/** Fresh looks at both sides. Undefined: nothing speaks against the cancel. */
export async function findRefusal(
  scene: Scene,
  step: Extract<Step, { type: 'compensate' }>,
): Promise<Refusal | undefined> {
  const local = await readFreshRow(scene, step.row)
  if (local === undefined || !isUnchanged(local, step.row)) {
    return { ending: 'changedMeanwhile', text: 'the row changed since it was judged' }
  }
  if (local.isBlocked) return leaveToReview(scene, step.row, 'blockCompensation forbids a cancel')
  const seen = await lookUp(step.row, createLookUp(scene.context, scene.settings))
  if (seen === 'notLooked') return { ending: 'stopped', text: 'the run is stopping' }
  if (seen.external !== step.observation.external || !seen.amountsAgree) {
    return { ending: 'changedMeanwhile', text: `the service shows something else now: ${seen.text}` }
  }
  if (!isRefundable(seen, scene.settings.service?.lookup.read.refundable))
    return leaveToReview(scene, step.row, 'the service would not give back the whole amount')
  return undefined
}

/** The row as it is now; undefined when it is gone, or in a status no class has. */
export async function readFreshRow(
  { context, settings, source }: Scene,
  row: Pick<LocalRow, 'key'>,
): Promise<LocalRow | undefined> {
  const { options, database } = settings
  const [found] = await context.read((session) => session.rows(selectRow(source, options, row.key)))
  if (found === undefined || !isMapped(String(found.status), options)) return undefined
  return toLocalRow(found, source, options, database.dateTimeZone)
}

function isUnchanged(now: LocalRow, judged: LocalRow): boolean {
  return (
    now.status === judged.status && now.updatedText === judged.updatedText && now.version === judged.version
  )
}

/** Where the service tells what can still be given back, it must say so, and it must be all of it. */
function isRefundable({ payment }: Observation, pointer: string | undefined): boolean {
  if (payment === undefined) return false
  if (pointer === undefined) return true
  const refundable = payment.refundable === undefined ? undefined : parseDecimal(payment.refundable)
  const amount = parseDecimal(payment.amount)
  return refundable !== undefined && amount !== undefined && compareDecimals(refundable, amount) >= 0
}

async function leaveToReview(scene: Scene, row: LocalRow, text: string): Promise<Refusal> {
  await scene.context.transact('review', (transaction) =>
    leaveToPeople(scene, transaction, row.keyHash, text),
  )
  return { ending: 'review', text }
}
