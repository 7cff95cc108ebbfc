import { describe, expect, it } from 'vitest'
import { archiveSchema } from '../../../jobs/archive/config.ts'
import { type ArchivePlan, emptyPlan, type Step } from '../../../jobs/archive/plan-model.ts'
import { describePlan, reportRun } from '../../../jobs/archive/report.ts'
import { addResults, emptyResult, resultOf } from '../../../jobs/archive/result-model.ts'
import { databaseConfig } from '../../../src/config/schema.ts'
import { renderReport } from '../../../src/output/text.ts'
import type { JobSettings } from '../../../src/run/job.ts'
import type { Report } from '../../../src/run/report.ts'

const settings: JobSettings<ReturnType<typeof archiveSchema.parse>> = {
  job: 'old-orders',
  options: archiveSchema.parse({
    table: 'orders',
    age: { column: 'created_at', olderThan: '13 months' },
    into: { table: 'orders_archive' },
  }),
  schema: 'shop',
  database: databaseConfig.parse({ url: 'mysql://root:secret@127.0.0.1:3306/shop' }),
  service: undefined,
  destination: undefined,
}

const plan: ArchivePlan = {
  ...emptyPlan,
  asOf: '2026-11-22T01:00:00.000Z',
  cutoff: '2025-10-22T01:00:00.000Z',
  cutoffLiteral: '2025-10-22 10:00:00',
  timeZone: 'Asia/Seoul',
}

const shop = (table: string) => ({ schema: 'shop', table })
const move = (month: string, rows: number): Step => ({ type: 'moveMonth', month, rows, bytes: rows * 100 })

function planText(more: Partial<ArchivePlan>): Promise<string> {
  return text(describePlan(settings, { ...plan, ...more }).report)
}

function text(report: Report): Promise<string> {
  return renderReport(report, { color: false, width: Number.POSITIVE_INFINITY })
}

describe('a plan of an archive job', () => {
  it('says what is old, what it costs, what stays and what is done', async () => {
    const size = { dataBytes: 900_000, indexBytes: 100_000, freeBytes: 0, fileBytes: 1_100_000 }
    const said = await planText({
      months: [
        { month: '2025-08', rows: 40, bytes: 4000, counted: 'exactly', how: 'batches' },
        { month: '2025-09', rows: 1200, bytes: 120_000, counted: 'exactly', how: 'batches' },
      ],
      children: [{ table: 'items', rows: 2480 }],
      kept: [
        { reason: 'created_at is NULL', rows: 3 },
        { reason: 'somebody asked for it', rows: undefined },
      ],
      steps: [
        { type: 'createArchive', table: shop('orders_archive'), statements: [] },
        move('2025-08', 40),
        move('2025-09', 1200),
      ],
      estimate: { lowSeconds: 0.1, highSeconds: 0.6, basis: 'a guess' },
      binaryLogBytes: 248_000,
      size: { source: size, target: undefined },
      notes: ['orders_archive is made without: AUTO_INCREMENT of id.'],
      statements: ['DELETE FROM `orders` WHERE `id` IN (?)'],
    })
    expect(said).toMatchInlineSnapshot(`
      "old-orders: 1,240 rows of orders would move to orders_archive.

        older than 13 months  created_at < 2025-10-22 10:00:00, which is 2025-10-22T01:00:00Z
        months begin          at midnight in Asia/Seoul
        in all                1,240 rows in 2 months, 2025-08 to 2025-09
        with them, of items   about 2,480 rows
        would take            less than a second
        binary log            grows by about 242.2 KiB
        orders now            976.6 KiB, and 0 B free in its file

      Rows to move, by month
        2025-08  █                                  40  3.9 KiB
        2025-09  ██████████████████████████████  1,200  117.2 KiB

      What stays
        because                       rows
        ─────────────────────  ───────────
        created_at is NULL               3
        somebody asked for it  not counted

      What a run does, in this order
        1  make the table shop.orders_archive, with a partition for each month
        2  move 1,240 rows of 2025-08 to 2025-09 in batches: rows are copied, compared and deleted in one transaction, with what belongs to them in items

      To know
        •  orders_archive is made without: AUTO_INCREMENT of id.

      Statements, with ? for values
        DELETE FROM \`orders\` WHERE \`id\` IN (?);
      "
    `)
  })

  it('says that there is nothing to do, and when', async () => {
    expect(await planText({})).toMatchInlineSnapshot(`
      "old-orders: no row of orders is older than 13 months and may move; there is nothing to do.

        older than 13 months  created_at < 2025-10-22 10:00:00, which is 2025-10-22T01:00:00Z
        months begin          at midnight in Asia/Seoul

      What a run does, in this order
        nothing
      "
    `)
    expect(describePlan(settings, plan).hasWork).toBe(false)
  })

  it('is not silent about work without rows', async () => {
    const steps: Step[] = [
      {
        type: 'changePartitions',
        table: shop('orders_archive'),
        changes: [
          { type: 'add', partitions: [], months: ['2026-02', '2026-03'] },
          {
            type: 'split',
            partition: 'rest',
            into: [],
            months: ['2026-01'],
            estimatedRows: 12,
            bytes: 16_384,
            reason: 'behind MAXVALUE',
          },
        ],
      },
    ]
    expect(await planText({ steps })).toContain(
      'orders: no row of orders is older than 13 months and may move.',
    )
    expect(linesOf(await planText({ steps }), 'What a run does')).toMatchInlineSnapshot(`
      "What a run does, in this order
        1  orders_archive: add 2 partitions for 2026-02 to 2026-03; cut 2026-01 out of the partition rest, which takes everything after the last month (copies about 12 rows, 16.0 KiB)
      "
    `)
  })

  it('names what else a run does, each in its place', async () => {
    const steps: Step[] = [
      { type: 'settleJournal', batches: 1 },
      { type: 'exchangeMonth', month: '2025-06', partition: 'p202506', rows: 0, bytes: 0 },
      { type: 'exchangeMonth', month: '2025-07', partition: 'p202507', rows: 1_000_000, bytes: 2 ** 28 },
      move('2025-08', 1),
      { type: 'rotateMonth', month: '2021-09', rows: 5, bytes: 500, exportFile: '/var/archive/a.csv.gz' },
      { type: 'dropHeld', month: '2021-08', rows: 4, heldTable: 'rk_hold_orders_archive_202108' },
    ]
    expect(await planText({ steps })).toContain('; 2 months would be taken out or dropped.')
    expect(linesOf(await planText({ steps }), 'What a run does')).toMatchInlineSnapshot(`
      "What a run does, in this order
        1  finish 1 batch that an earlier run left between two servers
        2  2025-06: finish with the partition p202506, which is dropped if it is empty
        3  2025-07: exchange the whole partition p202507 (about 1,000,000 rows); no row is copied
        4  move 1 row of 2025-08 in batches: rows are copied, compared and deleted in one transaction
        5  2021-09: take the month (about 5 rows, 500 B) out of the archive table, once /var/archive/a.csv.gz is written and read back, and hold it for 7 d before it is dropped
        6  2021-08: drop the held table rk_hold_orders_archive_202108 (4 rows) for good
      "
    `)
  })

  it('tells of months that are exchanged alike in one line', async () => {
    const exchange = (month: string): Step => ({
      type: 'exchangeMonth',
      month,
      partition: 'p',
      rows: 7,
      bytes: 9,
    })
    const steps = [exchange('2025-05'), exchange('2025-06'), move('2025-07', 2), exchange('2025-08')]
    expect(linesOf(await planText({ steps }), 'What a run does')).toMatchInlineSnapshot(`
      "What a run does, in this order
        1  exchange the whole partitions of 2 months, about 14 rows of 2025-05 to 2025-06; no row is copied
        2  move 2 rows of 2025-07 in batches: rows are copied, compared and deleted in one transaction
        3  2025-08: exchange the whole partition p (about 7 rows); no row is copied
      "
    `)
  })

  it('says it when rows go to another server', async () => {
    const destination = {
      name: 'warehouse',
      config: settings.database,
      schema: 'w',
      lease: 'w.orders_archive',
    }
    const { report } = describePlan(
      { ...settings, destination },
      {
        ...plan,
        months: [{ month: '2025-08', rows: 1, bytes: 9, counted: 'exactly', how: 'batches' }],
        steps: [move('2025-08', 1)],
      },
    )
    expect(report.headline).toBe('old-orders: 1 row of orders would move to orders_archive of warehouse.')
    expect(linesOf(await text(report), 'What a run does')).toContain(
      'carry 1 row of 2025-08 to warehouse in batches: copied and compared there, then deleted here',
    )
  })

  it('does not pretend to have counted', async () => {
    const months = [
      { month: '2025-08', rows: 9_000_000, bytes: 9e8, counted: 'estimated', how: 'exchange' } as const,
    ]
    const said = await planText({ months, steps: [move('2025-08', 9_000_000)] })
    expect(said).toContain('old-orders: about 9,000,000 rows of orders would move to orders_archive.')
    expect(said).toMatch(/2025-08 +█+ +9,000,000 +858\.3 MiB, estimated, exchanged as a whole/)
  })

  it('shortens the list of months on the screen, and keeps it in the document', async () => {
    const partitions = Array.from(
      { length: 12 },
      (_, month) => `  PARTITION \`p${month}\` VALUES LESS THAN (${month})`,
    )
    const statement = `CREATE TABLE a (\n${partitions.join(',\n')}\n)`
    const described = describePlan(settings, { ...plan, statements: [statement] })
    expect(described.detail).toMatchObject({ statements: [statement] })
    expect(linesOf(await text(described.report), 'Statements')).toMatchInlineSnapshot(`
      "Statements, with ? for values
        CREATE TABLE a (
          PARTITION \`p0\` VALUES LESS THAN (0),
          … 10 more partitions, one for each month
          PARTITION \`p11\` VALUES LESS THAN (11)
        );
      "
    `)
  })
})

describe('the report of an archive run', () => {
  const size = {
    before: { dataBytes: 900_000, indexBytes: 100_000, freeBytes: 0, fileBytes: 1_100_000 },
    after: { dataBytes: 500_000, indexBytes: 60_000, freeBytes: 400_000, fileBytes: 1_100_000 },
  }
  const batch = (month: string, rows: number) =>
    resultOf({
      counts: { archived: rows, deleted: rows },
      changed: rows,
      children: { items: rows * 2 },
      months: { [month]: { rows, bytes: rows * 100, batches: 1, milliseconds: 50, how: 'batches' } },
    })

  it('says what moved, how fast, and what became of the space', async () => {
    const result = [
      batch('2025-09', 1000),
      batch('2025-08', 40),
      batch('2025-09', 200),
      resultOf({ size }),
    ].reduce(addResults)
    expect(await text(reportRun(settings, result).report)).toMatchInlineSnapshot(`
      "old-orders: 1,240 rows of orders moved to orders_archive, each one proven.

        in all               1,240 rows in 2 months, 2025-08 to 2025-09
        with them, of items  2,480 rows
        rate                 8,267 rows/s in 150 ms of batches
        size of orders       976.6 KiB before, 546.9 KiB after, as the server's statistics have it
        free inside          0 B before, 390.6 KiB after, or more: reusable by orders, not returned to the system
        its file             1.0 MiB before, 1.0 MiB after

      Rows moved, by month
        2025-08  █                                  40  1 batch, 50 ms
        2025-09  ██████████████████████████████  1,200  2 batches, 100 ms
      "
    `)
    expect(reportRun(settings, result).next).toEqual([])
  })

  it('says what was left over, and what to do then', async () => {
    const { report, next } = reportRun(settings, {
      ...emptyResult,
      leftReasons: ['limit reached: no more than 10 rows in one run'],
      throttledMs: 72_000,
    })
    expect(await text(report)).toMatchInlineSnapshot(`
      "old-orders: no row of orders was moved: none is older than 13 months and may move.

        waited for the server  1 min 12 s

      Left over
        •  limit reached: no more than 10 rows in one run
      "
    `)
    expect(next).toEqual(['rowkeeper run old-orders'])
  })

  it('says what became of the months whose time was over', async () => {
    const rotations = [
      { month: '2021-08', ending: 'dropped', rows: 4, text: 'dropped for good' },
      { month: '2021-09', ending: 'held', rows: 5, text: 'can be brought back until 2026-11-29' },
      { month: '2021-10', ending: 'notTaken', rows: 6, text: 'it does not hold what the ledger says' },
    ] as const
    const { report } = reportRun(settings, { ...emptyResult, rotations })
    expect(report.headline).toContain('; 2 months were taken out or dropped.')
    expect(linesOf(await text(report), 'Months of')).toMatchInlineSnapshot(`
      "Months of the archive table whose time was over
        month    what became of it  rows  because
        ───────  ─────────────────  ────  ─────────────────────────────────────
        2021-08  dropped               4  dropped for good
        2021-09  taken out, held       5  can be brought back until 2026-11-29
        2021-10  not taken out         6  it does not hold what the ledger says
      "
    `)
  })

  it('offers a rebuild only when it pays', () => {
    const large = { dataBytes: 2 ** 31, indexBytes: 0, freeBytes: 2 ** 31, fileBytes: 2 ** 32 }
    const { next } = reportRun(settings, { ...emptyResult, size: { before: large, after: large } })
    expect(next).toEqual(['rowkeeper archive rebuild old-orders'])
    expect(reportRun(settings, { ...emptyResult, size }).next).toEqual([])
  })
})

/** The section whose title begins so. */
function linesOf(report: string, title: string): string {
  return report.split('\n\n').find((section) => section.startsWith(title)) ?? ''
}
