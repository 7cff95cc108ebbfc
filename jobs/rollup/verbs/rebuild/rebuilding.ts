import type { Privilege } from '../../../../src/db/privileges.ts'
import type { PlanContext } from '../../../../src/run/context.ts'
import { requireControl } from '../../../../src/run/control.ts'
import type { Finding } from '../../../../src/run/events.ts'
import type { Check, VerbInput } from '../../../../src/run/job.ts'
import { PreflightError } from '../../../../src/run/preflight.ts'
import { checks } from '../../checks.ts'
import type { RollupConfig } from '../../config.ts'
import { FROM_THE_BEGINNING, firstWholeBucket, type Kept, readKept } from '../../ledger/kept.ts'
import { findDenied } from '../../privilege-check.ts'
import { readTables } from '../../resolve/tables.ts'
import { readChoice } from '../../strategy/topology.ts'
import { type CounterTable, requireSource, type Settings, type Tables } from '../../tables.ts'
import { selectRegistered } from '../verify/sql.ts'
import { type Asked, bucketsOf, readAsked } from './asked.ts'
import { eventsGone, eventsTaken, notCounted, partsMissing } from './errors.ts'
import { findGone } from './evidence.ts'
import type { Rebuilding } from './scene.ts'
import { findShadow, type Shadow } from './shadow.ts'

/** @throws RowkeeperError (exit 4) where not everything that was counted is there to be counted anew */
export async function readRebuilding(
  context: PlanContext,
  settings: Settings,
  input: VerbInput,
  scopes: readonly Check<RollupConfig>['scope'][],
): Promise<Rebuilding> {
  requireControl(context)
  const tables = await readTables(context, settings)
  const source = requireSource(tables, settings)
  const asked = readAsked(tables.counters, input, context.asOf)
  const choice = await readChoice(context, settings, source)
  if ('strategy' in choice && choice.strategy !== 'recompute') throw eventsTaken(settings, choice.strategy)
  await refuseWrong(context, settings, scopes)
  const { table } = tables.counters
  if (table === undefined) throw notCounted(settings)
  const counters = { ...tables.counters, table }
  const kept = await readCounted(context, settings, tables)
  const reasons = await findGone(context, { asked, source, counters })
  if (reasons.length > 0) throw eventsGone(settings, counters.name, asked, reasons)
  refuseParts(counters, asked, kept)
  const shadow = await context.read((session) => findShadow(session, counters, context.job))
  if (scopes.includes('run')) await refuseDenied(context, shadow)
  return { asked, source, counters, total: tables.total, shadow }
}

/** What would refuse a run refuses this too. */
async function refuseWrong(
  context: PlanContext,
  settings: Settings,
  scopes: readonly Check<RollupConfig>['scope'][],
): Promise<void> {
  const failed: Finding[] = []
  for (const { scope, look } of checks)
    if (scopes.includes(scope))
      failed.push(...(await look(context, settings)).filter(({ severity }) => severity === 'error'))
  if (failed.length > 0) throw new PreflightError(failed)
}

const onShadow: readonly Privilege[] = ['SELECT', 'INSERT', 'DELETE', 'CREATE', 'DROP']

async function refuseDenied(context: PlanContext, { name }: Shadow): Promise<void> {
  const denied = await findDenied(context, { name, privileges: onShadow })
  if (denied.length > 0) throw new PreflightError(denied)
}

/** What runs have kept until now, of every size. */
async function readCounted(
  { read, control, job }: PlanContext,
  settings: Settings,
  { counters, total }: Tables,
): Promise<Kept> {
  const [registered, kept] = await read(async (session) => [
    (await session.rows(selectRegistered(control.schema, job)))[0],
    await readKept(session, control, { job, counters, total }),
  ])
  const isCounted = registered !== undefined && counters.sizes.every((size) => kept.sizes[size] !== undefined)
  if (!isCounted) throw notCounted(settings)
  return kept
}

/** Larger buckets are summed from smaller ones, which must have been kept for as long where they are not counted anew. */
function refuseParts({ sizes: [smallest, ...larger] }: CounterTable, asked: Asked, kept: Kept): void {
  let smaller = smallest
  for (const size of larger) {
    const since = firstWholeBucket(kept.sizes[smaller] ?? FROM_THE_BEGINNING, smaller)
    for (const bucket of bucketsOf(asked, size)) {
      const isWhole = asked.named.from <= bucket.from && bucket.to <= asked.named.to
      if (!isWhole && bucket.from < since) throw partsMissing(size, bucket, smaller)
    }
    smaller = size
  }
}
