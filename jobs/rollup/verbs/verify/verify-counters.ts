import { exitCodes, RowkeeperError } from '../../../../src/lib/errors.ts'
import type { ExecuteContext, PlanContext } from '../../../../src/run/context.ts'
import type { VerbInput, VerbResult } from '../../../../src/run/job.ts'
import { readTables } from '../../resolve/tables.ts'
import type { Settings } from '../../tables.ts'
import { type AskedDays, badOption, readDays, readSample } from '../input.ts'
import type { WrongCounter } from './compare-sizes.ts'
import { findWrongTotals } from './compare-totals.ts'
import { type Drift, findDrift, isRepairable, listVerifyWindows } from './find-drift.ts'
import { createFindings, type Found } from './findings.ts'
import { repairCounters } from './repair.ts'
import { verifyResult } from './verify-result.ts'
import { readVerifying, type Verifying } from './verifying.ts'
import type { Window } from './windows.ts'

/** Compares counters with the ledger and with each other; adds what is missing when asked to. */
export function verifyCounters(
  context: ExecuteContext,
  settings: Settings,
  input: VerbInput,
): Promise<VerbResult> {
  if (input.options.repair === undefined) return previewVerify(context, settings, input)
  return verifyWith(context, settings, input, (verifying, window) => repairMonth(context, verifying, window))
}

/** Without --repair a verify only reads as well. */
export function previewVerify(
  context: PlanContext,
  settings: Settings,
  input: VerbInput,
): Promise<VerbResult> {
  return verifyWith(context, settings, input, async (verifying, window) => ({
    ...(await findDrift(context, verifying, window)),
    repaired: [],
  }))
}

type Examine = (verifying: Verifying, window: Window) => Promise<Found>

async function verifyWith(
  context: PlanContext,
  settings: Settings,
  input: VerbInput,
  examine: Examine,
): Promise<VerbResult> {
  const { days, share } = readAsked(input)
  const tables = await readTables(context, settings)
  const sample = { share, salt: context.asOf }
  const verifying = await readVerifying(context, settings, { tables, days, sample })
  if (verifying.truth.type !== 'ledger' && input.options.repair !== undefined) throw notRepaired(settings)
  const isNothing = tables.counters.table === undefined || verifying.measures.length === 0
  const windows = isNothing ? [] : await listVerifyWindows(context, tables.counters, days)
  const findings = createFindings()
  const progress = { step: `verifying ${tables.counters.name.table}`, total: windows.length, unit: 'months' }
  context.emit({ type: 'stepStarted', ...progress })
  for (const [index, window] of windows.entries()) {
    context.stop.throwIfAborted()
    findings.add(await examine(verifying, window))
    context.emit({ type: 'stepProgress', ...progress, done: index + 1 })
  }
  context.emit({ type: 'stepFinished', ...progress, done: windows.length })
  const totals = await findWrongTotals(context, verifying, { tables, days })
  return verifyResult(settings, { verifying, windows, totals }, findings.list())
}

function readAsked(input: VerbInput): { readonly days: AskedDays; readonly share: number } {
  const asked = { days: readDays(input), share: readSample(input) }
  const { repair, sample } = input.options
  if (asked.share === 1 || repair === undefined) return asked
  throw badOption('sample', `${sample}`, 'a repair rests on every day and key that it touches')
}

/** As many rounds as the wrong counters fill: what is repaired is not found again. */
async function repairMonth(context: ExecuteContext, verifying: Verifying, window: Window): Promise<Found> {
  const repaired: WrongCounter[] = []
  let drift: Drift
  let batch: readonly WrongCounter[]
  do {
    drift = await findDrift(context, verifying, window)
    const { days } = drift
    batch = drift.counters.filter((counter) => isRepairable({ days }, counter))
    await repairCounters(context, verifying, batch)
    repaired.push(...batch)
  } while (drift.isCut && batch.length > 0)
  return { ...drift, counters: drift.counters.filter((counter) => !batch.includes(counter)), repaired }
}

/** A run sums larger buckets anew from the smaller ones: what is added meanwhile might be in them twice. */
function notRepaired({ job }: Settings): RowkeeperError {
  return new RowkeeperError({
    code: 'rollup.repairSets',
    message: `${job} recomputes: its runs set counters, so nothing may be added to them from outside.`,
    hint: `A run sets the last buckets right (jobs.${job}.source.last says how many): rowkeeper run ${job}`,
    effect: 'none',
    exitCode: exitCodes.refused,
  })
}
