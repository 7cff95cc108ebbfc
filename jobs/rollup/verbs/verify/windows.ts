import type { CounterTable } from '../../tables.ts'
import type { AskedDays } from '../input.ts'

/** Days from the first to before the other, all of one month: what is read in one snapshot. */
export interface Window {
  readonly from: string
  readonly to: string
}

/** One for each of the months given, `2026-03-01`. Where months are counted, bounds inside one take in all of it. */
export function listWindows(
  months: readonly string[],
  { sizes }: Pick<CounterTable, 'sizes'>,
  { from, to }: AskedDays,
): readonly Window[] {
  const hasMonths = sizes.includes('month')
  return [...new Set(months)].toSorted().flatMap((month): readonly Window[] => {
    const window = { from: month, to: monthAfter(month) }
    if (from !== undefined && from >= window.to) return []
    if (to !== undefined && to <= window.from) return []
    if (hasMonths) return [window]
    return [{ from: later(window.from, from), to: earlier(window.to, to) }]
  })
}

/** What of a window lies between two bounds; undefined when nothing does, or nothing begins. */
export function clipWindow(window: Window, from: string | undefined, to?: string): Window | undefined {
  if (from === undefined) return undefined
  const clipped = { from: later(window.from, from), to: earlier(window.to, to) }
  return clipped.from < clipped.to ? clipped : undefined
}

export function beginAtMidnight({ from, to }: Window): Window {
  return { from: `${from} 00:00:00`, to: `${to} 00:00:00` }
}

function later(day: string, other: string | undefined): string {
  return other !== undefined && other > day ? other : day
}

function earlier(day: string, other: string | undefined): string {
  return other !== undefined && other < day ? other : day
}

function monthAfter(month: string): string {
  const date = new Date(`${month}T00:00:00Z`)
  date.setUTCMonth(date.getUTCMonth() + 1)
  return date.toISOString().slice(0, 10)
}
