import { formatBytes, formatDuration, plural } from '../../../src/lib/units.ts'
import type { BarsSection } from '../../../src/run/report.ts'
import type { ArchivePlan } from '../plan-model.ts'
import type { ArchiveResult, MonthResult } from '../result-model.ts'

/** With what each month weighs. */
export function planBars({ months }: ArchivePlan): readonly BarsSection[] {
  return monthBars(
    'Rows to move, by month',
    months.map(({ month, rows, bytes, counted, how }) => ({
      month,
      rows,
      notes: [
        formatBytes(bytes),
        ...(counted === 'exactly' ? [] : ['estimated']),
        ...(how === 'exchange' ? ['exchanged as a whole'] : []),
      ],
    })),
  )
}

export function runBars(months: ArchiveResult['months']): readonly BarsSection[] {
  return monthBars(
    'Rows moved, by month',
    listMonths(months).map(({ month, rows, batches, milliseconds, how }) => ({
      month,
      rows,
      notes: [
        how === 'exchange' ? 'exchanged as a whole' : plural(batches, 'batch', 'batches'),
        formatDuration(milliseconds),
      ],
    })),
  )
}

/** Oldest first. */
export function listMonths(
  months: ArchiveResult['months'],
): readonly (MonthResult & { readonly month: string })[] {
  return Object.keys(months)
    .toSorted()
    .flatMap((month) => {
      const result = months[month]
      return result === undefined ? [] : [{ month, ...result }]
    })
}

interface MonthBar {
  readonly month: string
  readonly rows: number
  readonly notes: readonly string[]
}

function monthBars(title: string, months: readonly MonthBar[]): readonly BarsSection[] {
  if (months.length === 0) return []
  const bars = months.map(({ month, rows, notes }) => ({ label: month, value: rows, note: notes.join(', ') }))
  return [{ type: 'bars', title, bars }]
}
