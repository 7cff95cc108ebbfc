import { describe, expect, test } from 'vitest'
import { cutoffAt, eligibleRange, halvesOf } from '../../../jobs/archive/cutoff.ts'
import type { Age } from '../../../jobs/archive/partitions/age.ts'
import { date, datetime, milliseconds, seconds, timestamp } from './partitions/sample.ts'

const zone = 'Europe/Berlin'
const kinds: Readonly<Record<string, Age>> = {
  date,
  datetime: datetime(zone),
  'datetime(6)': datetime(zone, 'datetime(6)'),
  timestamp,
  seconds,
  milliseconds,
}

function halves(age: Age, month: string, cutoff: string) {
  const tables = { age, zone }
  const at = cutoffAt(cutoff, tables)
  return { whole: eligibleRange(month, at, tables), halves: halvesOf(month, at, tables) }
}

describe('the halves of a month', () => {
  for (const [name, age] of Object.entries(kinds)) {
    test(`of ${name} meet in its middle and leave nothing out`, () => {
      // The month in which clocks go forward, one that is over, and one that the cutoff ends.
      for (const [month, cutoff] of [
        ['2025-03', '2025-10-22T12:34:56.789Z'],
        ['2025-10', '2025-10-22T12:34:56.789Z'],
      ] as const) {
        const { whole, halves: both } = halves(age, month, cutoff)
        const [first, second] = both
        expect(both).toHaveLength(2)
        expect({ from: first?.from, to: second?.to }).toEqual(whole)
        expect(first?.to).toEqual(second?.from)
      }
    })
  }

  test('of a month that the cutoff has just reached are one', () => {
    const { whole, halves: both } = halves(date, '2025-10', '2025-10-01T12:00:00Z')
    expect(both).toEqual([whole])
  })

  test('lie where the rows do that are old enough', () => {
    const { halves: both } = halves(datetime('UTC'), '2025-10', '2025-10-21T00:00:00.000Z')
    expect(both.map(({ to }) => String(to).slice(0, 10))).toEqual(['2025-10-10', '2025-10-21'])
  })
})
