import { formatCount, plural } from '../../../../src/lib/units.ts'
import type { VerbResult } from '../../../../src/run/job.ts'
import type { Section } from '../../../../src/run/report.ts'
import { describeGroup } from '../../events/describe-group.ts'
import { toDecimal } from '../../fold/amount.ts'
import type { CounterTable, Settings } from '../../tables.ts'
import { type AdditiveMeasure, additiveMeasures } from './additive.ts'
import type { WrongDay } from './compare-days.ts'
import type { Verifying } from './find-drift.ts'
import type { Findings, ListedCounter } from './findings.ts'
import type { Window } from './windows.ts'

export interface Looked {
  readonly counters: CounterTable
  readonly share: number
  readonly windows: readonly Window[]
  readonly ledger: Verifying['ledger']
}

/** Drift that stays is left over (exit 3). */
export function verifyResult(settings: Settings, looked: Looked, found: Findings): VerbResult {
  const { days, repaired, repairable, unknown, isCut } = found
  const wrong = repairable + unknown
  const counts = { months: looked.windows.length, wrongDays: days.length, wrong, repaired }
  return {
    report: {
      headline: headlineOf(settings, looked, found),
      sections: [
        { type: 'facts', facts: factsOf(looked, found) },
        ...daysTable(looked.counters, days),
        ...countersTable(looked.counters, found.worst),
        ...notes(looked, found),
      ],
    },
    detail: {
      share: looked.share,
      windows: looked.windows,
      isCut,
      days: days.map(toDayDetail),
      difference: differenceByMeasure(looked.counters, found),
      worst: found.worst.map((counter) => toCounterDetail(looked.counters, counter)),
    },
    next: repairable === 0 ? [] : [commandAfter(settings, looked)],
    counts,
    changed: repaired,
    leftOver: wrong + days.length,
  }
}

function commandAfter({ job }: Settings, { ledger }: Looked): string {
  return ledger === 'kept' ? `rowkeeper rollup verify ${job} --repair` : `rowkeeper run ${job}`
}

function headlineOf({ job }: Settings, { counters }: Looked, found: Findings): string {
  const { days, repaired, repairable, unknown, isCut } = found
  const wrong = repairable + unknown
  const table = counters.name.table
  if (days.length + wrong + repaired === 0) return `${job}: ${table} is right.`
  const said = [
    ...(repaired === 0 ? [] : [`${plural(repaired, 'counter')} repaired`]),
    ...(wrong === 0 ? [] : [`${isCut ? 'at least ' : ''}${plural(wrong, 'counter')} wrong`]),
    ...(days.length === 0 ? [] : [`${plural(days.length, 'sum')} not what the ledger says`]),
  ]
  return `${job}: ${table} was compared: ${said.join(', ')}.`
}

function factsOf({ counters, share, windows }: Looked, found: Findings) {
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

function daysTable({ sizes: [smallest] }: CounterTable, days: readonly WrongDay[]): readonly Section[] {
  if (days.length === 0) return []
  return [
    {
      type: 'table',
      title: `Sums that are not what was counted${days.length > DAYS_SHOWN ? `, ${DAYS_SHOWN} of ${formatCount(days.length)}` : ''}`,
      columns: [
        { name: smallest === 'month' ? 'month from' : 'day', align: 'left' },
        { name: 'measure', align: 'left' },
        { name: 'ledger', align: 'right' },
        { name: `sum of ${smallest}s`, align: 'right' },
      ],
      rows: days.slice(0, DAYS_SHOWN).map(({ day, measure, ledger, counters }) => {
        const text = (amount: bigint) => toDecimal(amount, measure.scale)
        return [day, measure.name, text(ledger), text(counters)]
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

const fates: Readonly<Record<ListedCounter['fate'], string>> = {
  repaired: 'added',
  repairable: 'to be added',
  unknown: 'not certain',
}

function signed({ scale }: AdditiveMeasure, amount: bigint): string {
  return `${amount > 0n ? '+' : ''}${toDecimal(amount, scale)}`
}

function notes({ counters, ledger }: Looked, { days, unknown }: Findings): readonly Section[] {
  const [smallest] = counters.sizes
  const uniques = counters.measures.filter(({ type }) => type === 'unique').map(({ name }) => name)
  const items = [
    ...(days.length === 0
      ? []
      : [
          `The events of these days are gone, and the ledger does not say which ${smallest} of which object is wrong: nothing of these days is repaired. Restore their rows from a backup, or leave them.`,
        ]),
    ...(unknown === 0
      ? []
      : [`${plural(unknown, 'larger counter')} of such days cannot be made right from the smaller ones.`]),
    ...(ledger === 'kept'
      ? []
      : [`Runs that recompute keep no ledger: the ${smallest} counters were not compared with anything.`]),
    ...(uniques.length === 0
      ? []
      : [`${uniques.join(', ')}: different values do not add up, so they were not compared.`]),
  ]
  return items.length === 0 ? [] : [{ type: 'list', title: 'To know', order: 'any', items }]
}

function toDayDetail({ day, measure, ledger, counters }: WrongDay) {
  const text = (amount: bigint) => toDecimal(amount, measure.scale)
  return { day, measure: measure.name, ledger: text(ledger), counters: text(counters) }
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
