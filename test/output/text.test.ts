import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { exitCodes, RowkeeperError } from '../../src/lib/errors.ts'
import { renderError, renderFindings, renderReport, renderResult } from '../../src/output/text.ts'
import { plain, report, result } from './sample.ts'

describe('a report as text', () => {
  it('reads without colour, in columns', async () => {
    expect(await renderReport(report, plain)).toMatchInlineSnapshot(`
      "20,000 rows compared, 312 differ, 298 fixed.

        Table    shop.payments
        Service  pay, 50 requests/s

      Differences
        local     remote    rows
        ────────  ────────  ────
        PENDING   paid       287
        결제완료  refunded    25

      Review
        Nothing waits for a person.

      Latency
        ≤ 10 ms   ██████████████████████████████  12,000
        ≤ 100 ms  ███████████████████▊             7,900  p99 64 ms
        ≤ 1 s     ▏                                    3
        above                                          0

      Steps
        1  look up every payment that is old enough to be compared
        2  write

      Notes
        •  Nothing <b>waits</b>.

      SQL
        UPDATE \`payments\` SET \`status\` = 1;
        COMMIT;
      "
    `)
  })

  it('says the same with colour', async () => {
    const colored = await renderReport(report, { ...plain, color: true })
    expect(colored).toContain('\u001b[')
    expect(stripVTControlCharacters(colored)).toBe(await renderReport(report, plain))
  })

  it('wraps only the widest column of text on a narrow terminal', async () => {
    const table = {
      type: 'table',
      title: 'Notes',
      columns: [
        { name: 'note', align: 'left' },
        { name: 'amount', align: 'right' },
      ],
      rows: [['a note that goes on and on until it no longer fits', '14,250,000']],
    } as const
    expect(
      await renderReport({ headline: 'x', sections: [table] }, { color: false, width: 40 }),
    ).toMatchInlineSnapshot(`
      "x

      Notes
        note                            amount
        ──────────────────────────  ──────────
        a note that goes on and on  14,250,000
        until it no longer fits
      "
    `)
  })

  it('breaks sentences of a list between words, behind their number', async () => {
    const items = ['a step that goes on and on until it no longer fits', 'another']
    const section = { type: 'list', title: 'Steps', order: 'numbered', items } as const
    expect(
      await renderReport({ headline: 'x', sections: [section] }, { color: false, width: 40 }),
    ).toMatchInlineSnapshot(`
      "x

      Steps
        1  a step that goes on and on until it
           no longer fits
        2  another
      "
    `)
  })

  it('keeps its columns over many rows, in time that grows with them', async () => {
    const rows = Array.from({ length: 5000 }, (_, index) => [`order-${index}`, `${index}`])
    const columns = [
      { name: 'reference', align: 'left' },
      { name: 'amount', align: 'right' },
    ] as const
    const section = { type: 'table', title: 'Review', columns, rows } as const
    const lines = (await renderReport({ headline: 'x', sections: [section] }, plain)).split('\n')
    expect(lines).toHaveLength(5000 + 6)
    expect(new Set(lines.slice(3, -1).map((line) => line.length))).toEqual(new Set([20]))
  }, 5000)

  it('lets no text of a database move the cursor or start a line', async () => {
    const hostile = 'paid\u001b[2J\u001b]0;title\u0007\nerror: all lost\u202edesrever\u0000\u009b'
    const text = await renderReport(
      { headline: hostile, sections: [{ type: 'facts', facts: [{ label: hostile, value: hostile }] }] },
      plain,
    )
    expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u)
    expect(text.split('\n')).toHaveLength(4)
    expect(text).toContain('paid\\x1b[2J\\x1b]0;title\\x07\\nerror: all lost\\u202edesrever\\x00\\x9b')
  })
})

describe('a result as text', () => {
  it('ends with one status line', async () => {
    expect(await renderResult(result, undefined, plain)).toMatchInlineSnapshot(`
      "succeeded in 12 s (run 019aab12-7cd1-7000-8000-5f0e3c2b1a00, all changes were made)
      "
    `)
  })

  it('tells warnings, the error, what to do next, and the end, in this order', async () => {
    const failed = {
      ...result,
      status: 'failed',
      effect: 'partial',
      exitCode: exitCodes.unavailable,
      warnings: [{ code: 'clock.skew', message: 'The clock is 3 s ahead of the server.' }],
      error: {
        code: 'database.lost',
        message: 'The connection to shop was lost.',
        hint: 'Run: rowkeeper doctor',
      },
      next: ['rowkeeper run payments'],
    } as const
    expect(
      await renderResult(failed, { headline: '12 rows fixed.', sections: [] }, plain),
    ).toMatchInlineSnapshot(`
      "12 rows fixed.

      warning: The clock is 3 s ahead of the server. (clock.skew)

      error: The connection to shop was lost. (database.lost)
      next: Run: rowkeeper doctor

      next: rowkeeper run payments

      failed after 12 s (run 019aab12-7cd1-7000-8000-5f0e3c2b1a00, part of the changes was made, exit code 69)
      "
    `)
  })

  it('has plain words for every end', async () => {
    const ends = [
      ['partial', 'partial', 3],
      ['refused', 'none', 4],
      ['cancelled', 'none', 5],
      ['skipped', 'none', 0],
      ['stopped', 'partial', 130],
      ['unknown', 'unknown', 6],
    ] as const
    const lines = ends.map(([status, effect, exitCode]) =>
      renderResult({ ...result, runId: 'R', status, effect, exitCode }, undefined, plain),
    )
    expect((await Promise.all(lines)).join('')).toMatchInlineSnapshot(`
      "finished in 12 s, something is left over (run R, part of the changes was made, exit code 3)
      refused after 12 s (run R, nothing was changed, exit code 4)
      cancelled after 12 s (run R, nothing was changed, exit code 5)
      skipped, this slot was already taken (run R, nothing was changed)
      stopped after 12 s, the next run goes on from there (run R, part of the changes was made, exit code 130)
      ended after 12 s with an unknown outcome, a person must look (run R, what was changed is not known, exit code 6)
      "
    `)
  })

  it('says that a dry run was one', async () => {
    const text = await renderResult({ ...result, dryRun: true, effect: 'none' }, undefined, plain)
    expect(text).toBe(
      'dry run succeeded in 12 s (run 019aab12-7cd1-7000-8000-5f0e3c2b1a00, nothing was changed)\n',
    )
  })
})

describe('an error as text', () => {
  it('says what happened, what it did and what is next', () => {
    const error = new RowkeeperError({
      code: 'config.invalid',
      message: 'The configuration has 2 problems:\nrowkeeper.yaml:3 a: wrong\nnext: rm -rf /',
      hint: 'Correct the file, then run: rowkeeper config check',
      exitCode: exitCodes.badConfiguration,
    })
    expect(renderError(error, plain)).toMatchInlineSnapshot(`
      "error: The configuration has 2 problems:
        rowkeeper.yaml:3 a: wrong
        next: rm -rf / (config.invalid)
      Nothing was changed.
      next: Correct the file, then run: rowkeeper config check
      "
    `)
  })
})

describe('findings as text', () => {
  it('puts the worst first', () => {
    const findings = [
      { id: 'server.version', severity: 'ok', evidence: 'MariaDB 10.11.18' },
      { id: 'table.key', severity: 'error', evidence: 'shop.a has no unique key', fix: 'ALTER TABLE a …' },
      { id: 'clock', severity: 'warning', evidence: '3 s apart' },
    ] as const
    expect(renderFindings(findings, plain)).toMatchInlineSnapshot(`
      "error    table.key: shop.a has no unique key
               fix: ALTER TABLE a …
      warning  clock: 3 s apart
      ok       server.version: MariaDB 10.11.18
      "
    `)
  })

  it('is empty without findings', () => {
    expect(renderFindings([], plain)).toBe('')
  })
})
