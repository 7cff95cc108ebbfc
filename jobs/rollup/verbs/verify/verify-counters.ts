import { exitCodes, RowkeeperError } from '../../../../src/lib/errors.ts'
import type { ExecuteContext, PlanContext } from '../../../../src/run/context.ts'
import type { VerbInput, VerbResult } from '../../../../src/run/job.ts'
import { FROM_THE_BEGINNING } from '../../ledger/kept.ts'
import { readTables } from '../../resolve/tables.ts'
import type { Settings, Tables } from '../../tables.ts'
import { type AskedDays, badOption, readDays, readSample } from '../input.ts'
import type { WrongCounter } from './compare-sizes.ts'
import { type ComparedTotals, compareTotals } from './compare-totals.ts'
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
  const [days, share] = [readDays(input), readSample(input)]
  if (share < 1 && input.options.repair !== undefined)
    throw badOption(
      'sample',
      `${input.options.sample}`,
      'a repair rests on every day and key that it touches',
    )
  const tables = await readTables(context, settings)
  const { counters } = tables
  const findings = createFindings()
  const sample = { share, salt: context.asOf }
  const verifying = await readVerifying(context, settings, { tables, days, sample })
  if (verifying.truth.type !== 'ledger' && input.options.repair !== undefined) throw notRepaired(settings)
  const windows =
    counters.table === undefined || verifying.measures.length === 0
      ? []
      : await listVerifyWindows(context, counters, days)
  const progress = { step: `verifying ${counters.name.table}`, total: windows.length, unit: 'months' }
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

/** What was added to a total since the beginning has no days: where some are asked for, totals are left out. */
async function findWrongTotals(
  context: PlanContext,
  verifying: Verifying,
  { tables: { total, counters }, days }: { readonly tables: Tables; readonly days: AskedDays },
): Promise<ComparedTotals> {
  if (total === undefined) return { type: 'none' }
  if (days.from !== undefined || days.to !== undefined) return { type: 'notCompared', why: 'days' }
  const largest = counters.sizes.at(-1)
  const isWhole =
    verifying.kept.areTotalsWhole &&
    largest !== undefined &&
    verifying.kept.sizes[largest] === FROM_THE_BEGINNING
  if (!isWhole || counters.table === undefined) return { type: 'notCompared', why: 'notWhole' }
  return { type: 'compared', wrong: await compareTotals(context, verifying, total) }
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
