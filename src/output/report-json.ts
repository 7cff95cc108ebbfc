import type { ReportCell, ReportRow } from '../run/report.ts'
import type { ReportBody } from './report-body.ts'
import type { ReportStream } from './report-stream.ts'

/** One JSON document with one row per line. The result comes last: it is not known before. */
export function createJsonBody(stream: ReportStream): ReportBody {
  let before = '{"schemaVersion":1,"rows":[\n'
  let after = before
  return {
    async write(rows) {
      if (rows.length === 0) return
      const lines = rows.map((row) => JSON.stringify(toPlainRow(row))).join(',\n')
      await stream.put(before + lines)
      before = ',\n'
      after = ''
    },
    async finish({ result }) {
      await stream.put(`${after}\n],"result":${JSON.stringify(result)}}\n`)
    },
  }
}

function toPlainRow(row: ReportRow): Record<string, string | number | null> {
  return Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, toPlainValue(cell)]))
}

function toPlainValue(cell: ReportCell): string | number | null {
  if (cell === null) return null
  if ('count' in cell) return cell.count
  return 'decimal' in cell ? cell.decimal : cell.text
}
