import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exitCodes } from '../../src/lib/errors.ts'
import { createReportWriter, openReportFile } from '../../src/output/report-file.ts'
import type { ReportRow } from '../../src/run/report.ts'
import { report, result } from './sample.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rowkeeper-report-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const rows = (count: number): ReportRow[] =>
  Array.from({ length: count }, (_, index) => ({
    id: { count: index },
    amount: { decimal: '-10.50' },
    note: index % 2 === 0 ? { text: '<b>결제</b> & "x"' } : null,
  }))

async function writeReport(name: string, pages = 2): Promise<Buffer> {
  const path = join(folder, name)
  const writer = await openReportFile(path)
  for (let page = 0; page < pages; page++) await writer.write(rows(1000))
  await writer.finish({ result, report })
  await writer.discard()
  return readFile(path)
}

describe('a report file', () => {
  it.each(['csv', 'json', 'html'])('%s unpacks to the same bytes as it has uncompressed', async (ending) => {
    const bytes = await writeReport(`x.${ending}`)
    expect(gunzipSync(await writeReport(`x.${ending}.gz`)).equals(bytes)).toBe(true)
    expect(brotliDecompressSync(await writeReport(`x.${ending}.br`)).equals(bytes)).toBe(true)
  })

  it('has its name only when whole, is its owner’s, and leaves nothing beside it', async () => {
    const path = join(folder, 'x.csv')
    await writeFile(path, 'the old report', { mode: 0o644 })
    const writer = await openReportFile(path)
    await writer.write(rows(10))
    expect(await readFile(path, 'utf8')).toBe('the old report')
    await writer.finish({ result, report })
    expect(await readFile(path, 'utf8')).toMatch(/^id,amount,note\r\n0,-10.50,/)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['x.csv'])
  })

  it.each(['x.csv', 'x.json.gz', 'x.html'])('%s is gone after discard, twice too', async (name) => {
    const writer = await openReportFile(join(folder, name))
    await writer.write(rows(5000))
    await writer.discard()
    await writer.discard()
    expect(await readdir(folder)).toEqual([])
  })

  it('json is one document, exact, with and without rows', async () => {
    const document = JSON.parse((await writeReport('x.json')).toString())
    expect(document.schemaVersion).toBe(1)
    expect(document.result).toEqual(result)
    expect(document.rows).toHaveLength(2000)
    expect(document.rows[0]).toEqual({ id: 0, amount: '-10.50', note: '<b>결제</b> & "x"' })
    expect(JSON.parse((await writeReport('empty.json', 0)).toString()).rows).toEqual([])
  })

  it('csv without rows is empty', async () => {
    expect(await writeReport('x.csv', 0)).toHaveLength(0)
  })
})

describe('the page', () => {
  it('needs nothing else and runs nothing', async () => {
    const page = (await writeReport('x.html')).toString()
    expect(page).toContain("default-src 'none'")
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|src=|href=/)
    expect(page).toContain('<h1>20,000 rows compared, 312 differ, 298 fixed.</h1>')
    expect(page).toContain('<b>2</b> partitions created')
    expect(page.indexOf('Latency')).toBeLessThan(page.indexOf('<h2>Rows'))
    expect(page.match(/<td class="number">-10\.50<\/td>/g)).toHaveLength(2000)
    expect(page).toContain('<ul><li>Nothing &lt;b&gt;waits&lt;/b&gt;.</li></ul>')
    expect(page.trimEnd().endsWith('</html>')).toBe(true)
  })

  it('escapes every text', async () => {
    const hostile = '</title><script>alert("x")</script>&\'\u001b\u202e'
    const path = join(folder, 'x.html')
    const writer = await openReportFile(path)
    await writer.write([{ [hostile]: { text: hostile } }])
    await writer.finish({
      result: {
        ...result,
        job: hostile,
        counts: { [hostile]: 1 },
        warnings: [{ code: hostile, message: hostile }],
        error: { code: hostile, message: `${hostile}\n${hostile}`, hint: hostile },
        next: [hostile],
      },
      report: {
        headline: hostile,
        sections: [
          { type: 'facts', title: hostile, facts: [{ label: hostile, value: hostile }] },
          { type: 'table', title: hostile, columns: [{ name: hostile, align: 'left' }], rows: [[hostile]] },
          { type: 'table', title: hostile, columns: [], rows: [], empty: hostile },
          { type: 'bars', title: hostile, bars: [{ label: hostile, value: 1, note: hostile }] },
          { type: 'lines', title: hostile, lines: [hostile] },
        ],
      },
    })
    const page = await readFile(path, 'utf8')
    expect(page).not.toMatch(/<script|[^\P{Cc}\n]|\p{Bidi_Control}/u)
    expect(page.match(/<\/title>/g)).toHaveLength(1)
    expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;\\x1b\\u202e')
  })
})

describe('a report that cannot be written', () => {
  it.each(['x', 'x.txt', 'x.csv.zip', 'csv', 'x.gz', '/dev/full'])('%s: unknown ending', async (path) => {
    await expect(openReportFile(path)).rejects.toMatchObject({
      code: 'report.unknownEnding',
      exitCode: exitCodes.usage,
      hint: expect.stringContaining('.csv, .json or .html'),
    })
  })

  it('missing folder', async () => {
    await expect(openReportFile(join(folder, 'missing', 'x.csv'))).rejects.toMatchObject({
      code: 'report.noFolder',
      exitCode: exitCodes.usage,
      message: expect.stringContaining('its folder does not exist (ENOENT)'),
    })
  })

  it('a file where a folder should be', async () => {
    await writeFile(join(folder, 'file'), '')
    await expect(openReportFile(join(folder, 'file', 'x.csv'))).rejects.toMatchObject({
      code: 'report.noFolder',
    })
  })

  it('a folder, a link or a device in its place', async () => {
    await mkdir(join(folder, 'folder.csv'))
    await symlink('/dev/full', join(folder, 'link.csv'))
    for (const name of ['folder.csv', 'link.csv']) {
      await expect(openReportFile(join(folder, name))).rejects.toMatchObject({ code: 'report.notAFile' })
    }
    expect((await readdir(folder)).toSorted()).toEqual(['folder.csv', 'link.csv'])
  })

  it.runIf(existsSync('/dev/full')).each(['none', 'gzip', 'brotli'] as const)(
    'a full disk, compression %s: told at the latest by finish',
    async (compression) => {
      let discarded = 0
      const file = {
        path: '/dev/full',
        handle: await open('/dev/full', 'w'),
        openSpool: () => open('/dev/full', 'w'),
        commit: () => Promise.reject(new Error('a broken report must not get its name')),
        discard: async () => void discarded++,
      }
      const writer = await createReportWriter('x.csv', { format: 'csv', compression }, file)
      const attempt = async () => {
        for (let page = 0; page < 20; page++) await writer.write(rows(1000))
        await writer.finish({ result, report })
      }
      await expect(attempt()).rejects.toMatchObject({
        code: 'report.noSpace',
        exitCode: exitCodes.failed,
        message: 'The report x.csv could not be written: the disk, or the quota, is full (ENOSPC).',
      })
      await writer.discard()
      expect(discarded).toBe(1)
    },
  )
})
