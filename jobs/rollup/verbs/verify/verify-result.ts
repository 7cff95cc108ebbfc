import { formatCount, plural } from '../../../../src/lib/units.ts'
import type { VerbResult } from '../../../../src/run/job.ts'
import type { Section } from '../../../../src/run/report.ts'
import { shiftBucket } from '../../buckets/steps.ts'
import { describeGroup } from '../../events/describe-group.ts'
import { toDecimal } from '../../fold/amount.ts'
import { FROM_THE_BEGINNING } from '../../ledger/kept.ts'
import type { CounterTable, Settings } from '../../tables.ts'
import { type AdditiveMeasure, additiveMeasures } from './additive.ts'
import type { WrongDay } from './compare-days.ts'
import { TOTALS_READ, type WrongTotal } from './compare-totals.ts'
import type { Findings, ListedCounter } from './findings.ts'
import type { Looked } from './looked.ts'
import { describeNotes } from './notes.ts'
import type { Verifying } from './verifying.ts'

/** Drift that stays is left over (exit 3). */
export function verifyResult(settings: Settings, looked: Looked, found: Findings): VerbResult {
  const { days, repaired, repairable, unknown, isCut } = found
  const { counters, sample } = looked.verifying
  const wrong = repairable + unknown
  const totals = wrongTotals(looked)
  const counts = {
    ...{ months: looked.windows.length, wrongDays: days.length, wrong, repaired },
    wrongTotals: totals.length,
  }
  return {
    report: {
      headline: headlineOf(settings, looked, found),
      sections: [
        { type: 'facts', facts: factsOf(looked, found) },
        ...daysTable(looked.verifying, days),
        ...countersTable(counters, found.worst),
        ...totalsTable(totals),
        ...describeNotes(looked, found),
      ],
    },
    detail: {
      share: sample.share,
      windows: looked.windows,
      isCut,
      days: days.map((day) => toDayDetail(looked.verifying, day)),
      difference: differenceByMeasure(counters, found),
      worst: found.worst.map((counter) => toCounterDetail(counters, counter)),
      totals: totals.slice(0, TOTALS_SHOWN),
      keptSince: keptSince(looked.verifying),
    },
    next: [
      ...(repairable === 0 ? [] : [commandAfter(settings, looked)]),
      ...rebuildAfter(settings, looked, days),
    ],
    counts,
    changed: repaired,
    leftOver: wrong + days.length + totals.length,
  }
}

/** By size; null from the beginning. */
function keptSince({ kept }: Verifying) {
  return Object.fromEntries(
    Object.entries(kept.sizes).map(([size, since]) => [size, since === FROM_THE_BEGINNING ? null : since]),
  )
}

function wrongTotals({ totals }: Looked): readonly WrongTotal[] {
  return totals.type === 'compared' ? totals.wrong : []
}

function commandAfter({ job }: Settings, { verifying: { truth } }: Looked): string {
  return truth.type === 'ledger' ? `rowkeeper rollup verify ${job} --repair` : `rowkeeper run ${job}`
}

/** Where rows of events are the truth, their days can be counted anew. */
function rebuildAfter(
  { job }: Settings,
  { verifying: { truth, counters } }: Looked,
  days: readonly WrongDay[],
): readonly string[] {
  const [first, last] = [days[0], days.at(-1)]
  if (truth.type !== 'rows' || first === undefined || last === undefined) return []
  const size = counters.sizes[0] === 'month' ? 'month' : 'day'
  const end = shiftBucket(`${last.day} 00:00:00`, size, 1).slice(0, 10)
  return [`rowkeeper rollup rebuild ${job} --from ${first.day} --to ${end}`]
}

function headlineOf({ job }: Settings, looked: Looked, found: Findings): string {
  const { days, repaired, repairable, unknown, isCut } = found
  const wrong = repairable + unknown
  const { counters, truth } = looked.verifying
  const table = counters.name.table
  const totals = wrongTotals(looked).length
  if (days.length + wrong + repaired + totals === 0) return `${job}: ${table} is right.`
  const said = [
    ...(repaired === 0 ? [] : [`${plural(repaired, 'counter')} repaired`]),
    ...(wrong === 0 ? [] : [`${isCut ? 'at least ' : ''}${plural(wrong, 'counter')} wrong`]),
    ...(days.length === 0 ? [] : [`${plural(days.length, 'sum')} not what ${truthSays[truth.type]}`]),
    ...(totals === 0
      ? []
      : [
          `${totals >= TOTALS_READ ? 'at least ' : ''}${plural(totals, 'total')} not the sum of the counters`,
        ]),
  ]
  return `${job}: ${table} was compared: ${said.join(', ')}.`
}

const truthSays: Readonly<Record<Verifying['truth']['type'], string>> = {
  ledger: 'the ledger says',
  rows: 'the events say',
  none: '',
}

function factsOf({ verifying: { counters, sample }, windows }: Looked, found: Findings) {
  const { share } = sample
  const difference = Object.entries(differenceByMeasure(counters, found))
  const [first, last] = [windows[0], windows.at(-1)]
  return [
    {
      label: 'compared',
      value: first === undefined || last === undefined ? 'nothing' : `${first.from} to before ${last.to}`,
    },
    ...(share === 1
      ? []
      : [
          {
            label: 'sample',
            value: `${Number((share * 100).toPrecision(4))} % of the days and of the objects, other ones every time`,
          },
        ]),
    ...difference.map(([name, amount]) => ({ label: `off by, in ${name}`, value: amount })),
  ]
}

function differenceByMeasure(counters: CounterTable, { difference }: Findings) {
  return Object.fromEntries(
    additiveMeasures(counters).map(({ name, scale }, position) => [
      name,
      toDecimal(difference[position] ?? 0n, scale),
    ]),
  )
}

const DAYS_SHOWN = 20

function daysTable({ counters, truth }: Verifying, days: readonly WrongDay[]): readonly Section[] {
  const [smallest] = counters.sizes
  if (days.length === 0) return []
  return [
    {
      type: 'table',
      title: `Sums that are not what was counted${days.length > DAYS_SHOWN ? `, ${DAYS_SHOWN} of ${formatCount(days.length)}` : ''}`,
      columns: [
        { name: smallest === 'month' ? 'month from' : 'day', align: 'left' },
        { name: 'measure', align: 'left' },
        { name: truth.type === 'rows' ? 'events' : 'ledger', align: 'right' },
        { name: `sum of ${smallest}s`, align: 'right' },
      ],
      rows: days.slice(0, DAYS_SHOWN).map(({ day, measure, truth, counters }) => {
        const text = (amount: bigint) => toDecimal(amount, measure.scale)
        return [day, measure.name, text(truth), text(counters)]
      }),
    },
  ]
}

function countersTable(counters: CounterTable, worst: readonly ListedCounter[]): readonly Section[] {
  if (worst.length === 0) return []
  const measures = additiveMeasures(counters)
  return [
    {
      type: 'table',
      title: 'Counters that are off by most, and what makes them right',
      columns: [
        { name: counters.group.map(({ name }) => name).join(', '), align: 'left' },
        ...(['size', 'start'] as const).map((name) => ({ name, align: 'left' as const })),
        ...measures.map(({ name }) => ({ name, align: 'right' as const })),
        { name: '', align: 'left' },
      ],
      rows: worst.map(({ group, series, size, start, missing, fate }) => [
        describeGroup(series === 'bots' ? [...group, 'bots'] : group),
        size,
        start,
        ...measures.map((measure, position) => signed(measure, missing[position] ?? 0n)),
        fates[fate],
      ]),
    },
  ]
}

const TOTALS_SHOWN = 20

function totalsTable(totals: readonly WrongTotal[]): readonly Section[] {
  if (totals.length === 0) return []
  return [
    {
      type: 'table',
      title: `Totals that are not the sum of the counters${totals.length > TOTALS_SHOWN ? `, the first ${TOTALS_SHOWN}` : ''}`,
      columns: [
        { name: 'object', align: 'left' },
        { name: 'column', align: 'left' },
        { name: 'total', align: 'right' },
        { name: 'sum of counters', align: 'right' },
      ],
      rows: totals
        .slice(0, TOTALS_SHOWN)
        .map(({ object, column, total, counters }) => [object, column, total, counters]),
    },
  ]
}

const fates: Readonly<Record<ListedCounter['fate'], string>> = {
  repaired: 'added',
  repairable: 'to be added',
  unknown: 'not certain',
}

function signed({ scale }: AdditiveMeasure, amount: bigint): string {
  return `${amount > 0n ? '+' : ''}${toDecimal(amount, scale)}`
}

function toDayDetail({ truth: { type } }: Verifying, { day, measure, truth, counters }: WrongDay) {
  const text = (amount: bigint) => toDecimal(amount, measure.scale)
  const must = type === 'rows' ? { rows: text(truth) } : { ledger: text(truth) }
  return { day, measure: measure.name, ...must, counters: text(counters) }
}

function toCounterDetail(counters: CounterTable, { missing, ...counter }: ListedCounter) {
  const measures = additiveMeasures(counters)
  return {
    ...counter,
    missing: Object.fromEntries(
      measures.map(({ name, scale }, position) => [name, toDecimal(missing[position] ?? 0n, scale)]),
    ),
  }
}
