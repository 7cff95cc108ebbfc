import { describe, expect, it } from 'vitest'
import { createCsvBody, csvCell } from '../../src/output/csv.ts'
import type { ReportRow } from '../../src/run/report.ts'
import { result } from './sample.ts'

async function write(...pages: readonly (readonly ReportRow[])[]): Promise<string> {
  const parts: (string | Uint8Array)[] = []
  const body = await createCsvBody({
    put: async (text) => void parts.push(text),
    end: async () => {},
    abort: async () => {},
  })
  for (const page of pages) await body.write(page)
  await body.finish({ result, report: { headline: 'x', sections: [] } })
  return parts.join('')
}

describe('a CSV cell', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+82 2 1234', "'+82 2 1234"],
    ['-5', "'-5"],
    ['@SUM(A1)', "'@SUM(A1)"],
    [' =1', "' =1"],
    ['\u00a0\u3000=1', "'\u00a0\u3000=1"],
    ['\ufeff=1', "'\ufeff=1"],
    ['＝1', "'＝1"],
    ['＋1', "'＋1"],
    ['－1', "'－1"],
    ['＠x', "'＠x"],
    ['﹣1', "'﹣1"],
    ['\tx', "'\tx"],
    ['\rx', "'\rx"],
    ['\nx', "'\nx"],
    [' \t=1', "' \t=1"],
    ['=HYPERLINK("http://x")', `'=HYPERLINK("http://x")`],
    ['plain', 'plain'],
    ['a=1', 'a=1'],
    ['1-2', '1-2'],
    [' x', ' x'],
    ["'=1", "'=1"],
    ['', ''],
    ['결제완료', '결제완료'],
  ])('of the text %j is %j', (text, expected) => {
    expect(csvCell({ text })).toBe(expected)
  })

  it.each([
    [{ decimal: '-1500.50' }, '-1500.50'],
    [{ decimal: '90071992547409931234.000001' }, '90071992547409931234.000001'],
    [{ count: -5 }, '-5'],
    [{ count: 0 }, '0'],
    [null, ''],
  ])('of the number %j is %j', (cell, expected) => {
    expect(csvCell(cell)).toBe(expected)
  })

  it.each(['=1+1', '-1+cmd', '+1', '1e5=', '-'])('does not believe that %j is a decimal', (decimal) => {
    expect(csvCell({ decimal })).toBe(/^[=+-]/.test(decimal) ? `'${decimal}` : decimal)
  })
})

describe('a CSV file', () => {
  it('has one header, from the first row, however many pages follow', async () => {
    const page = [{ id: { count: 1 }, status: { text: 'paid' } }]
    expect(await write([], page, [], page)).toBe('id,status\r\n1,paid\r\n1,paid\r\n')
  })

  it('quotes what RFC 4180 wants quoted, lone line ends too', async () => {
    const texts = ['a,b', 'say "x"', 'two\r\nlines', 'lone\nfeed', 'lone\rreturn', 'plain']
    const csv = await write(texts.map((text) => ({ text: { text } })))
    expect(csv).toBe(
      'text\r\n"a,b"\r\n"say ""x"""\r\n"two\r\nlines"\r\n"lone\nfeed"\r\n"lone\rreturn"\r\nplain\r\n',
    )
  })

  it('keeps the columns of the header when a row lacks one', async () => {
    const csv = await write([{ a: { count: 1 }, b: null }, { b: { text: 'x' } }])
    expect(csv).toBe('a,b\r\n1,\r\n,x\r\n')
  })

  it('guards the header as well', async () => {
    expect(await write([{ '=a': { count: 1 } }])).toBe("'=a\r\n1\r\n")
  })

  it('is empty without rows', async () => {
    expect(await write([])).toBe('')
  })
})
