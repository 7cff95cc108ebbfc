import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exitCodes } from '../../src/lib/errors.ts'
import { createCsvTable } from '../../src/output/csv-table.ts'
import { createNdjsonTable } from '../../src/output/ndjson-table.ts'
import { writeTableFile } from '../../src/output/table-file.ts'
import { tableFiles } from '../../src/output/table-files.ts'
import type { FileRecord, TableFileReading } from '../../src/run/table-file.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rowkeeper-table-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const columns = ['id', 'a "quoted", name', '__proto__']
const awkward: readonly FileRecord[] = [
  ['1', 'plain', 'x'],
  ['2', null, ''],
  ['3', '', null],
  ['4', 'ends in a quote"', '"'],
  ['5', 'a,b;c\td', ',",\r\n"'],
  ['6', 'line\r\nbreak\n', '\r'],
  ['7', 'back\\slash\\', '\\N'],
  ['8', '\0nul', '\u{1F600} 결제 é'],
  ['9', ' spaces ', '=1+1'],
  ['10', '\uFEFFmark', 'NULL'],
  [null, null, null],
]

const formats = ['csv', 'ndjson'] as const

async function writeFileOf(format: (typeof formats)[number], pages: readonly (readonly FileRecord[])[]) {
  const file = await tableFiles.create({ folder, name: 'shop.orders.2005-06', format, columns })
  for (const page of pages) await file.write(page)
  await file.end()
  return file
}

async function readAll({ records }: TableFileReading): Promise<readonly FileRecord[]> {
  const all: FileRecord[] = []
  for await (const page of records) all.push(...page)
  return all
}

describe.each(formats)('a table as %s', (format) => {
  it('reads back as it was written, NULL apart from empty text', async () => {
    const file = await writeFileOf(format, [awkward, awkward.slice(0, 3)])
    expect(await readAll(file.read())).toEqual([...awkward, ...awkward.slice(0, 3)])
    await file.discard()
  })

  it('reads back across every border between chunks', async () => {
    const codec = format === 'csv' ? createCsvTable(columns) : createNdjsonTable(columns)
    const text = codec.header + codec.encode(awkward)
    for (let at = 0; at <= text.length; at++) {
      const halves = (async function* () {
        yield text.slice(0, at)
        yield text.slice(at)
      })()
      const read: FileRecord[] = []
      for await (const page of codec.decode(halves)) read.push(...page)
      expect(read).toEqual(awkward)
    }
  })

  it('with one column keeps its NULLs', async () => {
    const file = await tableFiles.create({ folder, name: 'x', format, columns: ['only'] })
    await file.write([[null], [''], ['x']])
    await file.end()
    expect(await readAll(file.read())).toEqual([[null], [''], ['x']])
    await file.discard()
  })

  it('has its name, its sidecar and its hash only when it is proven', async () => {
    const file = await writeFileOf(format, [awkward])
    expect((await readdir(folder)).every((name) => name.startsWith('.'))).toBe(true)
    const reading = file.read()
    await readAll(reading)
    const sha256 = reading.sha256()
    await file.commit({ rows: 11, sha256 })
    await file.discard()
    const name = `shop.orders.2005-06.${format}.gz`
    expect((await readdir(folder)).toSorted()).toEqual([name, `${name}.json`])
    const bytes = await readFile(file.path)
    expect(reading.bytes()).toBe(bytes.length)
    const { createHash } = await import('node:crypto')
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256)
    expect(JSON.parse(await readFile(`${file.path}.json`, 'utf8'))).toEqual({ rows: 11, sha256 })
  })

  it('never replaces a file, and clears away what a killed run left', async () => {
    const name = `shop.orders.2005-06.${format}.gz`
    await writeFile(join(folder, name), 'all that is left of the rows')
    const second = `shop.orders.2005-06.2.${format}.gz`
    await mkdir(join(folder, `.${second}-AbCdEf`))
    await mkdir(join(folder, `.${name}-of-another`))
    const file = await writeFileOf(format, [awkward])
    await file.commit({})
    expect((await readdir(folder)).toSorted()).toEqual(
      [`.${name}-of-another`, second, `${second}.json`, name].toSorted(),
    )
    expect(await readFile(join(folder, name), 'utf8')).toBe('all that is left of the rows')
  })

  it('tells of a file that is cut off or changed on the disk', async () => {
    const file = await writeFileOf(format, [awkward])
    const [hidden = ''] = await readdir(folder)
    const place = join(folder, hidden, 'whole')
    const bytes = await readFile(place)
    await truncate(place, bytes.length - 20)
    await expect(readAll(file.read())).rejects.toMatchObject({
      code: 'export.damaged',
      exitCode: exitCodes.failed,
    })
    await writeFile(place, gzipSync(gunzipSync(bytes).subarray(0, -3)))
    await expect(readAll(file.read())).rejects.toMatchObject({ code: 'export.damaged' })
    await writeFile(place, gzipSync(Buffer.concat([Buffer.from('\xff', 'latin1'), gunzipSync(bytes)])))
    await expect(readAll(file.read())).rejects.toMatchObject({ code: 'export.damaged' })
    await file.discard()
    expect(await readdir(folder)).toEqual([])
  })
})

it('csv looks as RFC 4180 has it', () => {
  const { header, encode } = createCsvTable(['id', 'note'])
  expect(
    header +
      encode([
        ['1', 'a "b"'],
        ['2', null],
        ['3', ''],
      ]),
  ).toBe('"id","note"\r\n"1","a ""b"""\r\n"2",\r\n"3",""\r\n')
})

describe('a table file that cannot be written', () => {
  it('into no folder', async () => {
    const shape = { folder: join(folder, 'missing'), name: 'x', format: 'csv', columns } as const
    await expect(tableFiles.create(shape)).rejects.toMatchObject({
      code: 'export.noFolder',
      exitCode: exitCodes.failed,
      message: expect.stringContaining('the folder does not exist (ENOENT)'),
    })
  })

  it.runIf(existsSync('/dev/full'))('to a full disk: told at the latest by end', async () => {
    let discarded = 0
    const temporary = {
      path: '/dev/full',
      handle: await open('/dev/full', 'w'),
      openSpool: () => open('/dev/full', 'w'),
      commit: () => Promise.reject(new Error('a broken file must not get its name')),
      discard: async () => void discarded++,
    }
    const file = await writeTableFile('/exports/x.csv.gz', { format: 'csv', columns }, temporary)
    const attempt = async () => {
      await file.write(awkward)
      await file.end()
    }
    await expect(attempt()).rejects.toMatchObject({
      code: 'export.noSpace',
      exitCode: exitCodes.failed,
      message: 'The file /exports/x.csv.gz could not be written: the disk, or the quota, is full (ENOSPC).',
    })
    await file.discard()
    expect(discarded).toBe(1)
  })
})
