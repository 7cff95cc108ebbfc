import type { ReportCell } from '../run/report.ts'
import type { ReportBody } from './report-body.ts'
import type { ReportStream } from './report-stream.ts'

/**
 * RFC 4180 lines ended by CR LF, the first one the header: the keys of the first row.
 *
 * csv-stringify does the quoting. Its `escape_formulas` stays off: it puts a quote before negative amounts, which makes
 * text of them, and lets ` =1` and the full-width `＝1` through.
 */
export async function createCsvBody(stream: ReportStream): Promise<ReportBody> {
  const { stringify } = await import('csv-stringify/sync')
  let columns: readonly string[] | undefined
  const toLines = (records: readonly (readonly string[])[]) =>
    // A lone CR or LF does not count as a line end for csv-stringify, but does for those who read the file.
    stringify([...records], { record_delimiter: 'windows', quoted_match: /[\r\n]/ })
  return {
    async write(rows) {
      const [first] = rows
      if (first === undefined) return
      const header = columns === undefined ? [Object.keys(first).map(guardFormula)] : []
      const names = columns ?? Object.keys(first)
      columns = names
      const records = rows.map((row) => names.map((name) => csvCell(row[name] ?? null)))
      await stream.put(toLines([...header, ...records]))
    },
    finish: async () => {},
  }
}

/** The field before quoting. A `decimal` that is none is treated as what it is: foreign text. */
export function csvCell(cell: ReportCell): string {
  if (cell === null) return ''
  if ('count' in cell) return String(cell.count)
  if ('decimal' in cell) return plainDecimal.test(cell.decimal) ? cell.decimal : guardFormula(cell.decimal)
  return guardFormula(cell.text)
}

const plainDecimal = /^-?\d+(\.\d+)?$/

/** A `'` before text that a spreadsheet would run. NFKC, because it reads the full-width signs as well. */
function guardFormula(text: string): string {
  const runs = /^[\t\r\n]/.test(text) || /^[=+\-@]/.test(text.normalize('NFKC').trimStart())
  return runs ? `'${text}` : text
}
