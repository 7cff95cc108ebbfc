import { describe, expect } from 'vitest'
import { type ArchiveSettings, test } from '../../../support/archive-job.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { hoursAgo } from './orders.ts'

const zone = 'Europe/Berlin'
const young = hoursAgo(24)

interface Kind {
  readonly name: string
  readonly column: string
  readonly unit?: 'seconds' | 'milliseconds'
  /** What is written, and the partition it belongs to; undefined: it stays. */
  readonly ages: readonly (readonly [value: string | null, partition: string | undefined])[]
}

function epoch(instant: string, factor = 1): string {
  return String((Date.parse(instant) / 1000) * factor)
}

/** Both nights in which clocks change, the ends of months, and what never moves. In the zone, unless it says Z. */
const kinds: readonly Kind[] = [
  {
    name: 'DATE',
    column: 'DATE NULL',
    ages: [
      ['2025-02-28', 'p202502'],
      ['2025-03-01', 'p202503'],
      ['2025-03-31', 'p202503'],
      [young.slice(0, 10), undefined],
      ['9999-12-31', undefined],
      [null, undefined],
    ],
  },
  {
    name: 'DATETIME(6)',
    column: 'DATETIME(6) NULL',
    ages: [
      ['2025-02-28 23:59:59.999999', 'p202502'],
      ['2025-03-01 00:00:00.000000', 'p202503'],
      // An hour that there was not, and one that there was twice.
      ['2025-03-30 02:30:00', 'p202503'],
      ['2024-10-27 02:30:00', 'p202410'],
      ['2024-10-31 23:59:59.999999', 'p202410'],
      [young, undefined],
      ['9999-12-31 23:59:59.999999', undefined],
      [null, undefined],
    ],
  },
  {
    name: 'TIMESTAMP',
    column: 'TIMESTAMP NULL DEFAULT NULL',
    ages: [
      ['2025-02-28 22:59:59', 'p202502'],
      ['2025-02-28 23:00:00', 'p202503'],
      ['2025-03-30 00:59:59', 'p202503'],
      ['2025-03-30 01:00:00', 'p202503'],
      ['2025-03-31 21:59:59', 'p202503'],
      ['2024-10-27 00:30:00', 'p202410'],
      ['2024-10-27 01:30:00', 'p202410'],
      ['2024-10-31 22:59:59', 'p202410'],
      [young, undefined],
      ['2037-12-31 00:00:00', undefined],
      [null, undefined],
    ],
  },
  {
    name: 'seconds',
    column: 'INT UNSIGNED NULL',
    unit: 'seconds',
    ages: [
      [epoch('2025-02-28T22:59:59Z'), 'p202502'],
      [epoch('2025-02-28T23:00:00Z'), 'p202503'],
      [epoch('2025-03-31T21:59:59Z'), 'p202503'],
      [epoch(`${young.replace(' ', 'T')}Z`), undefined],
      ['4294967295', undefined],
      [null, undefined],
    ],
  },
  {
    name: 'milliseconds',
    column: 'BIGINT NULL',
    unit: 'milliseconds',
    ages: [
      [epoch('2025-02-28T22:59:59.999Z', 1000), 'p202502'],
      [epoch('2025-02-28T23:00:00Z', 1000), 'p202503'],
      [epoch(`${young.replace(' ', 'T')}Z`, 1000), undefined],
      [null, undefined],
    ],
  },
]

function settingsOf({ unit }: Kind): ArchiveSettings {
  const age = {
    column: 'made',
    olderThan: '12 months',
    timeZone: zone,
    ...(unit === undefined ? {} : { unit }),
  }
  return { job: { age, into: { table: 'orders_archive', monthsAhead: 0 } }, database: { dateTimeZone: zone } }
}

async function readPlaces(database: TestDatabase): Promise<readonly (string | undefined)[]> {
  const known = await database.query(
    "SELECT PARTITION_NAME AS name FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orders_archive'",
  )
  const parts = known.map(
    ({ name }) => `SELECT id, '${name}' AS place FROM orders_archive PARTITION (${name})`,
  )
  const rows = await database.query(
    `SELECT id, NULL AS place FROM orders UNION ALL ${parts.join(' UNION ALL ')} ORDER BY id`,
  )
  return rows.map(({ place }) => (place === null ? undefined : String(place)))
}

describe('the age of a row', () => {
  for (const kind of kinds) {
    test(`as ${kind.name} decides about its month in the zone of the job`, async ({
      database,
      openArchive,
    }) => {
      await database.query(
        `SET time_zone = '+00:00'; CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, made ${kind.column}, KEY by_made (made))`,
      )
      await database.query('INSERT INTO orders (made) VALUES ?', [kind.ages.map(([value]) => [value])])
      const job = await openArchive(settingsOf(kind))
      const { result } = await job.run()
      const places = kind.ages.map(([, partition]) => partition)
      expect(result).toMatchObject({ exitCode: 0, counts: { archived: places.filter(Boolean).length } })
      expect(await readPlaces(database)).toEqual(places)
    })
  }
})
