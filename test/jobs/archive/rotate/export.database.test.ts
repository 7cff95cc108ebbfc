import { mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import { createCsvTable } from '../../../../src/output/csv-table.ts'
import { createNdjsonTable } from '../../../../src/output/ndjson-table.ts'
import type { FileRecord } from '../../../../src/run/table-file.ts'
import { test } from '../../../support/archive-job.ts'
import { readExact } from '../../../support/archive-tables.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { testServer } from '../../../support/test-server.ts'
import { makeThings } from '../carry/every-type.ts'
import { addOrders, heldTables, idsOf, letTimePass, openFilledArchive } from './old-orders.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rowkeeper-export-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

interface Sidecar {
  readonly columns: readonly {
    readonly name: string
    readonly type: string
    readonly encoding: 'text' | 'base64'
  }[]
  readonly rows: number
  readonly file: { readonly sha256: string; readonly bytes: number }
}

async function readFiles(
  ending: 'csv' | 'ndjson',
): Promise<{ sidecar: Sidecar; records: readonly FileRecord[] }[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.gz')).toSorted()
  return Promise.all(
    names.map(async (name) => {
      const sidecar: Sidecar = JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8'))
      const columns = sidecar.columns.map((column) => column.name)
      const codec = ending === 'csv' ? createCsvTable(columns) : createNdjsonTable(columns)
      const text = gunzipSync(await readFile(join(folder, name))).toString()
      const records: FileRecord[] = []
      for await (const page of codec.decode(once(text))) records.push(...page)
      return { sidecar, records }
    }),
  )
}

async function* once(text: string): AsyncGenerator<string> {
  yield text
}

/** As somebody would who has the file and its sidecar and nothing else. */
async function load(
  database: TestDatabase,
  table: string,
  files: Awaited<ReturnType<typeof readFiles>>,
): Promise<void> {
  for (const { sidecar, records } of files) {
    const names = sidecar.columns.map(({ name }) => name).join(', ')
    for (const record of records) {
      const values = record.map((value, position) => literalOf(value, sidecar.columns[position]))
      await database.query(
        `INSERT INTO ${table} (${names}) VALUES (${values.map(({ sql }) => sql).join(', ')})`,
        [...values.flatMap(({ bound }) => bound)],
      )
    }
  }
}

function literalOf(value: string | null, column: Sidecar['columns'][number] | undefined) {
  if (value === null || column === undefined) return { sql: 'NULL', bound: [] }
  const { type, encoding } = column
  if (encoding === 'text')
    return type.startsWith('bit') ? { sql: value, bound: [] } : { sql: '?', bound: [value] }
  const characterSet = 'characterSet' in column ? `_${column.characterSet} ` : ''
  return { sql: `${characterSet}X'${Buffer.from(value, 'base64').toString('hex')}'`, bound: [] }
}

describe('an exported month', () => {
  test.for(['csv', 'ndjson'] as const)(
    'as %s holds every value of every type',
    async (format, { database, openArchive }) => {
      await database.query("SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION'")
      await makeThings(database, testServer().family)
      await database.query('ALTER TABLE things ADD INDEX by_age_and_key (created_at, id, part)')
      const into = { table: 'orders_archive', keep: '13 months', export: { folder, format } }
      const job = await openArchive({ job: { table: 'things', into } })
      const before = await readExact(database, 'things')
      await job.run()
      const { result } = await job.run()
      expect(result.detail.rotations).toMatchObject([{ ending: 'held' }, { ending: 'held' }])
      const files = await readFiles(format)
      await database.query('CREATE TABLE loaded LIKE things')
      await load(database, 'loaded', files)
      expect(await readExact(database, 'loaded')).toEqual(before)
    },
  )

  test('has a sidecar that tells all about it, and its hash in the ledger', async ({
    database,
    openArchive,
  }) => {
    const { job, old } = await openFilledArchive(database, openArchive, { export: { folder } })
    await job.run()
    const name = `${database.name}.orders_archive.${old}.csv.gz`
    expect((await readdir(folder)).toSorted()).toEqual([name, `${name}.json`])
    const sidecar = JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8'))
    expect(sidecar).toMatchObject({
      schemaVersion: 1,
      writtenBy: expect.stringMatching(/^rowkeeper \d/),
      archiveTable: { schema: database.name, table: 'orders_archive' },
      liveTable: { table: 'orders' },
      month: old,
      monthsBeginIn: 'UTC',
      rows: 3,
      key: {
        columns: ['id', 'created_at'],
        first: ['1', `${old}-02 10:00:00`],
        last: ['3', `${old}-04 10:00:00`],
      },
      digest: { rows: '3' },
    })
    expect(await job.months()).toMatchObject([
      { state: 'held', export_file: join(folder, name), export_sha256: sidecar.file.sha256 },
      { export_file: null },
    ])
    await letTimePass(database)
    const { result } = await job.run()
    expect(result.detail.rotations).toMatchObject([
      { text: `dropped; its rows are in ${join(folder, name)}` },
    ])
  })

  test('of rows that come while a month is on its way out is another one', async ({
    database,
    openArchive,
  }) => {
    const into = { export: { folder, format: 'ndjson' }, hold: '0s' }
    const { job, old } = await openFilledArchive(database, openArchive, into)
    const cut = await job.run({
      reach: async (point) => {
        if (point === 'archive.rotation-begun') throw new Error('cut short')
      },
    })
    expect(cut.result.exitCode).toBe(70)
    await addOrders(database, [7, 8], old)
    // It ends what was begun, then takes the late rows in, then out.
    for (let run = 1; run <= 3; run++) expect((await job.run()).result.exitCode).toBe(0)
    expect(await idsOf(database, 'orders_archive')).toBe('4 5 6')
    const exported = (await readFiles('ndjson')).map(({ records }) => records.map(([id]) => id).join(' '))
    expect(exported.toSorted()).toEqual(['1 2 3', '7 8'])
  })

  test('that cannot be proven stays in the table', async ({ database, openArchive }) => {
    const missing = join(folder, 'missing')
    const { job, old } = await openFilledArchive(database, openArchive, { export: { folder: missing } })
    expect((await job.run()).result).toMatchObject({
      exitCode: 1,
      effect: 'none',
      error: {
        code: 'export.noFolder',
        message: expect.stringContaining('the folder does not exist (ENOENT)'),
      },
    })

    const into = { table: 'orders_archive', keep: '60 months', export: { folder, format: 'ndjson' } }
    await job.configure({ job: { into } })
    const cutOff = await job.run({
      reach: async (name) => {
        if (name !== 'archive.export-written') return
        const [hidden = ''] = await readdir(folder)
        await truncate(join(folder, hidden, 'whole'), 40)
      },
    })
    expect(cutOff.result).toMatchObject({ exitCode: 1, effect: 'none', error: { code: 'export.damaged' } })

    const changed = await job.run({
      reach: async (name) => {
        if (name === 'archive.export-written')
          await database.query('UPDATE orders_archive SET note = NULL WHERE id = 3')
      },
    })
    expect(changed.result).toMatchObject({
      exitCode: 1,
      error: {
        code: 'archive.exportDiffers',
        message: expect.stringContaining(`Row 3 of the file ${join(folder, '')}`),
      },
    })

    expect(await readdir(folder)).toEqual([])
    expect(await heldTables(database)).toEqual([])
    expect(await idsOf(database, 'orders_archive')).toBe('1 2 3 4 5 6')
    expect(await job.months()).toMatchObject([{ month: old, state: 'open', export_file: null }, {}])
  })
})
