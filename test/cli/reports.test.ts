import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect } from 'vitest'
import { readDocument } from '../support/cli.ts'
import { type ShopPayment, test as shopTest } from '../support/reconcile-shop.ts'

const test = shopTest.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixture's needs from it
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'rowkeeper-report-'))
    await use(folder)
    await rm(folder, { recursive: true })
  },
})

const payments: readonly ShopPayment[] = [
  { local: 'PENDING', external: 'PAID' },
  { local: 'FAILED', external: 'PAID' },
  { local: 'PAID', external: 'FAILED' },
  { local: 'PAID', external: 'PAID' },
]

const decoders = { '': (bytes: Buffer) => bytes, '.gz': gunzipSync, '.br': brotliDecompressSync }

describe('--report', () => {
  for (const [compression, decode] of Object.entries(decoders)) {
    test(`writes CSV, JSON and HTML${compression === '' ? '' : ` as ${compression}`}`, async ({
      shop,
      folder,
    }) => {
      await shop.seed(payments)
      const read = async (ending: string) => {
        const file = join(folder, `report.${ending}${compression}`)
        const ended = await shop.runBinary(['run', 'payments', '--dry-run', '--quiet', '--report', file])
        expect(ended.exitCode).toBe(0)
        return decode(await readFile(file)).toString()
      }
      const [header = '', ...lines] = (await read('csv')).trimEnd().split('\n')
      expect(header.trim().split(',')).toEqual([
        'key',
        'reference',
        'kind',
        'action',
        'reason',
        'externalId',
        'externalStatus',
        'amount',
        'currency',
        'httpStatus',
        'requestId',
        'evidence',
      ])
      expect(lines).toHaveLength(3)
      expect(lines[0]).toMatch(/^1,o-1,/)
      const document = JSON.parse(await read('json'))
      expect(document.rows).toHaveLength(3)
      const page = await read('html')
      expect(page).toMatch(/^<!doctype html>/i)
      expect(page).toContain('o-3')
      expect(page).not.toMatch(/https?:\/\/(?!127)[^"']*\.(js|css)/)
    })
  }

  test('of a run says what was done, row by row', async ({ shop, folder }) => {
    await shop.seed(payments)
    const file = join(folder, 'report.json')
    expect((await shop.runBinary(['run', 'payments', '--report', file])).exitCode).toBe(3)
    const { rows } = JSON.parse(await readFile(file, 'utf8'))
    expect(rows).toMatchObject([
      { key: '1', action: 'fixed', httpStatus: 200 },
      { key: '2', action: 'cancelled at the service' },
      { key: '3', action: 'left to people' },
    ])
  })

  test('carries no formula into a spreadsheet, and no markup into a page', async ({ shop, folder }) => {
    const hostile = ['=HYPERLINK("http://x")', '@SUM(1)', '+1-cmd', '<script>alert(1)</script>']
    await shop.seed(hostile.map(() => ({ local: 'PENDING', external: undefined })))
    for (const [index, orderId] of hostile.entries()) {
      await shop.database.query('UPDATE payments SET order_id = ? WHERE id = ?', [orderId, index + 1])
      shop.provider.state.create({ id: `pay_${index + 1}`, orderId, amount: '12.30', currency: 'EUR' })
    }
    const csv = join(folder, 'report.csv')
    const page = join(folder, 'report.html')
    await shop.runBinary(['plan', 'payments', '--report', csv])
    await shop.runBinary(['plan', 'payments', '--report', page])
    const lines = (await readFile(csv, 'utf8')).split('\n')
    expect(lines.slice(1, 5).join('\n')).toContain('<script>')
    for (const line of lines) expect(line).not.toMatch(/(^|,)"?[=+@]/)
    expect(await readFile(page, 'utf8')).not.toContain('<script>alert')
  })

  test('of a run that failed leaves no half file behind', async ({ shop, folder }) => {
    await shop.seed(payments)
    const file = join(folder, 'report.csv')
    const ended = await shop.runBinary(['run', 'payments', '--report', file], {
      environment: { PAY_TOKEN: 'wrong' },
    })
    expect(ended.exitCode).toBe(77)
    expect(await readdir(folder)).toEqual([])
  })
})

describe('the result document', () => {
  /** Names and types: additive only, so this list only ever grows. */
  const shape = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])]
    if (typeof value !== 'object' || value === null) return typeof value
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shape(part)]))
  }

  test('of a run keeps its shape', async ({ shop }) => {
    await shop.seed(payments)
    const ended = await shop.runBinary(['run', 'payments', '--format', 'json'])
    const document = readDocument(ended)
    expect(document).toMatchObject({
      schemaVersion: 1,
      job: 'payments',
      kind: 'reconcile',
      dryRun: false,
      exitCode: 3,
    })
    expect(ended.exitCode).toBe(3)
    expect(shape(document)).toMatchInlineSnapshot(`
      {
        "counts": {
          "compensated": "number",
          "examined": "number",
          "fixed": "number",
          "matched": "number",
          "mismatched": "number",
          "review": "number",
          "unanswered": "number",
          "waiting": "number",
        },
        "detail": {
          "cancelled": {
            "EUR": "string",
          },
          "endings": {
            "compensated": "number",
            "fixed": "number",
          },
          "latencyMs": {
            "bins": [
              {
                "count": "number",
                "upToMs": "number",
              },
            ],
            "max": "number",
            "p50": "number",
            "p90": "number",
            "p99": "number",
          },
          "mismatches": [
            {
              "automatic": "number",
              "found": "number",
              "kind": "string",
              "off": "number",
              "review": "number",
            },
          ],
        },
        "dryRun": "boolean",
        "durationMs": "number",
        "effect": "string",
        "exitCode": "number",
        "finishedAt": "string",
        "job": "string",
        "kind": "string",
        "next": [
          "string",
        ],
        "runId": "string",
        "schemaVersion": "number",
        "startedAt": "string",
        "status": "string",
        "verb": "string",
        "warnings": [],
      }
    `)
  })

  test('of a plan, of a refusal, and of a review', async ({ shop }) => {
    await shop.seed(payments)
    const planned = readDocument(await shop.runBinary(['plan', 'payments', '--format', 'json']))
    expect(planned).toMatchObject({
      dryRun: true,
      verb: 'plan',
      effect: 'none',
      next: ['rowkeeper run payments'],
    })
    expect(shape(planned.detail)).toMatchInlineSnapshot(`
      {
        "estimate": {
          "basis": "string",
          "highSeconds": "number",
          "likelySeconds": "number",
          "lowSeconds": "number",
        },
        "latencyMs": {
          "bins": [
            {
              "count": "number",
              "upToMs": "number",
            },
          ],
          "max": "number",
          "p50": "number",
          "p90": "number",
          "p99": "number",
        },
        "mismatches": [
          {
            "automatic": "number",
            "found": "number",
            "kind": "string",
            "off": "number",
            "review": "number",
          },
        ],
        "steps": [
          {
            "evidence": "string",
            "from": "string",
            "key": "string",
            "reference": "string",
            "to": "string",
            "type": "string",
          },
        ],
      }
    `)
    const failed = readDocument(
      await shop.runBinary(['run', 'payments', '--format', 'json'], { environment: { PAY_TOKEN: 'wrong' } }),
    )
    expect(shape(failed.error)).toEqual({ code: 'string', message: 'string', hint: 'string' })
    await shop.run()
    const listed = readDocument(await shop.runBinary(['review', 'list', 'payments', '--format', 'json']))
    expect(shape(listed.detail)).toMatchInlineSnapshot(`
      {
        "items": [
          {
            "evidence": {
              "amountsAgree": "boolean",
              "bodyHash": "string",
              "durationMs": "number",
              "external": "string",
              "httpStatus": "number",
              "payment": {
                "amount": "string",
                "currency": "string",
                "id": "string",
                "refundable": "string",
                "refunded": "string",
                "status": "string",
              },
              "requestId": "string",
              "text": "string",
            },
            "id": "string",
            "key": "string",
            "keyHash": "string",
            "kind": "string",
            "observedAt": "string",
            "reason": "string",
            "reference": "string",
            "state": "string",
          },
        ],
      }
    `)
  })

  test('is all there is on standard output, and progress all there is on the other', async ({ shop }) => {
    await shop.seed(payments)
    const ended = await shop.runBinary(['run', 'payments', '--format', 'json', '--progress', 'json'])
    expect(() => JSON.parse(ended.stdout)).not.toThrow()
    const events = ended.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events.map(({ event }) => event.type ?? event)).toContain('runFinished')
  })
})
