import { formatCount, plural } from '../../../../src/lib/units.ts'
import type { VerbResult } from '../../../../src/run/job.ts'
import type { Section } from '../../../../src/run/report.ts'
import { toDecimal } from '../../fold/amount.ts'
import type { CounterTable, Settings } from '../../tables.ts'
import { type AdditiveMeasure, additiveMeasures } from '../verify/additive.ts'
import type { ChangedDay } from './fill.ts'
import type { Rebuilding } from './scene.ts'
import type { Swapped } from './swap.ts'

export interface Rebuilt {
  readonly days: readonly ChangedDay[]
  /** Undefined when nothing was to be changed. */
  readonly swapped: Swapped | undefined
}

const UNKNOWN_SHOWN = 10

/** A preview that finds something leaves nothing over: nothing was asked to be done. */
export function rebuildResult(
  settings: Settings,
  rebuilding: Rebuilding,
  { days, swapped }: Rebuilt,
): VerbResult {
  const { counters, asked, total } = rebuilding
  const unknown = swapped?.unknownObjects ?? []
  const differing = days.reduce((sum, day) => sum + day.counters, 0)
  return {
    report: {
      headline: headlineOf(settings, counters, { differing, swapped }),
      sections: [
        { type: 'facts', facts: [{ label: 'counted anew', value: `${asked.from} to before ${asked.to}` }] },
        ...daysTable(counters, days),
        ...notesOf(rebuilding, { days, swapped }),
      ],
    },
    detail: {
      from: asked.from,
      to: asked.to,
      days: days.map((day) => toDetail(counters, day)),
      total: total === undefined ? null : `${total.table.name.schema}.${total.table.name.table}`,
      unknownObjects: { objects: unknown.length, samples: unknown.slice(0, UNKNOWN_SHOWN) },
    },
    next: swapped === undefined && differing > 0 ? [commandFor(settings, rebuilding)] : [],
    counts: { wrongDays: days.length, wrong: differing, set: swapped?.counters ?? 0 },
    changed: swapped?.counters ?? 0,
    leftOver: 0,
  }
}

function commandFor({ job }: Settings, { asked: { named } }: Rebuilding): string {
  return `rowkeeper rollup rebuild ${job} --from ${named.from.slice(0, 10)} --to ${named.to.slice(0, 10)}`
}

function headlineOf(
  { job }: Settings,
  { name: { table }, sizes }: CounterTable,
  { differing, swapped }: { readonly differing: number; readonly swapped: Swapped | undefined },
): string {
  const [smallest] = sizes
  const counters = `${plural(differing, 'counter')} by ${smallest}`
  if (swapped === undefined)
    return differing === 0
      ? `${job}: ${table} holds what the events say.`
      : `${job}: ${counters} of ${table} would change.`
  if (swapped.counters === 0) return `${job}: ${table} held what the events say; nothing was changed.`
  return `${job}: ${plural(swapped.counters, 'counter')} of ${table} set to what the events say, ${formatCount(differing)} by ${smallest} among them.`
}

const DAYS_SHOWN = 40

function daysTable(counters: CounterTable, days: readonly ChangedDay[]): readonly Section[] {
  const [smallest] = counters.sizes
  const measures = additiveMeasures(counters)
  if (days.length === 0) return []
  return [
    {
      type: 'table',
      title: `What changes${days.length > DAYS_SHOWN ? `, the first ${DAYS_SHOWN} of ${formatCount(days.length)}` : ''}`,
      columns: [
        { name: smallest === 'month' ? 'month from' : 'day', align: 'left' },
        { name: `counters by ${smallest}`, align: 'right' },
        ...measures.map(({ name }) => ({ name, align: 'right' as const })),
      ],
      rows: days
        .slice(0, DAYS_SHOWN)
        .map(({ day, counters: count, changes }) => [
          day,
          formatCount(count),
          ...measures.map((measure, position) => signed(measure, changes[position] ?? 0n)),
        ]),
    },
  ]
}

function notesOf({ counters, total, shadow }: Rebuilding, { days, swapped }: Rebuilt): readonly Section[] {
  const [, ...larger] = counters.sizes
  const would = swapped === undefined ? 'would be' : 'were'
  const unknown = swapped?.unknownObjects.length ?? 0
  const items = [
    ...(larger.length === 0 ? [] : [`Buckets by ${larger.join(' and ')} ${would} summed anew.`]),
    ...(total === undefined || days.length === 0
      ? []
      : [`Totals on ${total.table.name.table} ${would} changed by the same differences.`]),
    ...(unknown === 0
      ? []
      : [`${plural(unknown, 'object')} ${unknown === 1 ? 'has' : 'have'} no row there to keep a total on.`]),
    ...(shadow.leftover === 'none'
      ? []
      : [
          `${shadow.name.table}, which a rebuild that died left behind, ${swapped === undefined ? 'would be' : 'was'} removed.`,
        ]),
  ]
  return items.length === 0 ? [] : [{ type: 'list', title: 'To know', order: 'any', items }]
}

function toDetail(counters: CounterTable, { day, counters: count, changes }: ChangedDay) {
  const measures = additiveMeasures(counters)
  return {
    day,
    counters: count,
    changes: Object.fromEntries(
      measures.map(({ name, scale }, position) => [name, toDecimal(changes[position] ?? 0n, scale)]),
    ),
  }
}

function signed({ scale }: AdditiveMeasure, amount: bigint): string {
  return `${amount > 0n ? '+' : ''}${toDecimal(amount, scale)}`
}
