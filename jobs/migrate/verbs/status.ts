import { formatCount } from '../../../src/lib/units.ts'
import type { PlanContext } from '../../../src/run/context.ts'
import type { VerbResult } from '../../../src/run/job.ts'
import { describeRange, estimateRemaining, fractionOf, type Range } from '../estimate/model.ts'
import { phaseNames } from '../phase-names.ts'
import type { Migration } from '../state/model.ts'
import type { Settings } from '../tables.ts'
import { requireMigration } from './require-migration.ts'

/** Read from what the run wrote down last: from any host, while it runs or not. */
export async function showStatus(context: PlanContext, settings: Settings): Promise<VerbResult> {
  const migration = await requireMigration(context, settings)
  const { phase, progress, definition, request, startedAt, updatedAt } = migration
  const remaining = estimateRemaining(definition.forecast, phase, progress)
  const { rowsCopied, changesApplied, rowsChecked, repaired, waitsFor, phaseMs } = progress
  return {
    ...{ counts: { rowsCopied, changesApplied, rowsChecked, repaired }, changed: 0, leftOver: 0 },
    detail: {
      ...{ phase, request: request ?? null, way: definition.way, startedAt, updatedAt, phaseMs },
      ...{ share: shareOf(migration), remaining: remaining ?? null, waitsFor: waitsFor ?? null },
      throttledShare: throttledShare(migration),
    },
    report: {
      headline: headline(settings, migration),
      sections: [
        { type: 'facts', facts: facts(migration, remaining) },
        ...(rowsCopied === 0 ? [] : [shares(migration)]),
      ],
    },
    next: nextCommands(settings, migration),
  }
}

function headline({ schema, options }: Settings, { phase, request }: Migration): string {
  const table = `${schema}.${options.table}`
  if (phase === 'done') return `${table} has been swapped; the retired table is kept.`
  return `The migration of ${table} is ${request === 'pause' ? 'paused while ' : ''}${phaseNames[phase]}.`
}

/** Of rows; never all of them before the phase is over. */
function shareOf({ phase, progress, definition }: Migration): number | null {
  const { rows } = definition.forecast
  if (phase === 'copying') return fractionOf(progress.rowsCopied, rows)
  return phase === 'checking' ? fractionOf(progress.rowsChecked, rows) : null
}

function throttledShare({ progress: { phaseMs, throttledMs = 0 } }: Migration): number {
  const spent = Object.values(phaseMs).reduce((sum, milliseconds) => sum + milliseconds, 0)
  return spent === 0 ? 0 : Math.min(1, throttledMs / spent)
}

function facts(migration: Migration, remaining: Range | undefined) {
  const { progress, request, startedAt, updatedAt } = migration
  const share = throttledShare(migration)
  return [
    { label: 'rows copied', value: `${formatCount(progress.rowsCopied)}${rateOf(migration)}` },
    { label: 'changes carried over', value: formatCount(progress.changesApplied) },
    { label: 'rows checked', value: formatCount(progress.rowsChecked) },
    ...(remaining === undefined ? [] : [{ label: 'still to go', value: describeRange(remaining) }]),
    ...(progress.waitsFor === undefined ? [] : [{ label: 'waits for', value: progress.waitsFor }]),
    ...(share < 0.01 ? [] : [{ label: 'time spent waiting', value: `${Math.round(share * 100)} %` }]),
    ...(request === undefined ? [] : [{ label: 'asked by an operator', value: request }]),
    { label: 'began', value: startedAt },
    { label: 'last heard of', value: updatedAt },
  ]
}

function rateOf({ progress: { rowsCopied, phaseMs } }: Migration): string {
  const { copying = 0 } = phaseMs
  return copying < 1000 ? '' : ` (${formatCount((rowsCopied * 1000) / copying)} a second)`
}

function shares({ progress, definition: { forecast }, phase }: Migration) {
  const percent = (done: number) => Math.round(fractionOf(done, forecast.rows) * 100)
  const isCopied = phase !== 'preparing' && phase !== 'copying'
  const bars = [
    { label: 'copied', value: isCopied ? 100 : percent(progress.rowsCopied), note: '%' },
    { label: 'checked', value: phase === 'done' ? 100 : percent(progress.rowsChecked), note: '%' },
  ]
  return { type: 'bars' as const, title: 'How far it is', bars }
}

function nextCommands({ job, options }: Settings, { phase, request }: Migration): readonly string[] {
  if (phase === 'done') return [`rowkeeper migrate finish ${job} --confirm ${options.table}`]
  if (request === 'pause') return [`rowkeeper migrate resume ${job}`]
  return phase === 'holding' ? [`rowkeeper migrate cut-over ${job}`] : []
}
