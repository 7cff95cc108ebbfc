import type { FileHandle } from 'node:fs/promises'
import type { ReportCell, ReportRow } from '../run/report.ts'
import { type RowsColumn, renderPageEnd, renderPageStart } from './html-page.ts'
import { html, type Markup } from './html-text.ts'
import type { ReportBody } from './report-body.ts'
import type { ReportStream } from './report-stream.ts'
import type { TemporaryFile } from './temporary-file.ts'

/**
 * One page for people: the report is known last and stands first, so the rows wait in a second file meanwhile.
 * Without scripts and without anything fetched, so that it opens the same from a disk, a ticket or a mail.
 */
export function createHtmlBody(stream: ReportStream, file: TemporaryFile): ReportBody {
  let spool: FileHandle | undefined
  let columns: readonly RowsColumn[] = []
  let count = 0
  return {
    async write(rows) {
      const [first] = rows
      if (first === undefined) return
      if (spool === undefined) {
        spool = await file.openSpool()
        columns = Object.entries(first).map(([name, cell]) => ({ name, align: alignOf(cell) }))
      }
      count += rows.length
      await spool.appendFile(rows.map((row) => renderRow(row, columns).markup).join(''))
    },
    async finish(summary) {
      await stream.put(renderPageStart(summary, { columns, count }).markup)
      if (spool !== undefined) await copy(spool, stream)
      await stream.put(renderPageEnd({ columns, count }).markup)
    },
  }
}

async function copy(spool: FileHandle, stream: ReportStream): Promise<void> {
  for await (const chunk of spool.createReadStream({ start: 0 })) await stream.put(chunk)
}

function renderRow(row: ReportRow, columns: readonly RowsColumn[]): Markup {
  return html`<tr>${columns.map(({ name }) => renderCell(row[name] ?? null))}</tr>
`
}

/** By the first row: a column is of one kind, and an empty first cell costs no more than a heading on the left. */
function alignOf(cell: ReportCell): RowsColumn['align'] {
  return cell === null || 'text' in cell ? 'text' : 'number'
}

function renderCell(cell: ReportCell): Markup {
  if (cell === null) return html`<td></td>`
  if ('count' in cell) return html`<td class="number">${cell.count}</td>`
  return 'decimal' in cell ? html`<td class="number">${cell.decimal}</td>` : html`<td>${cell.text}</td>`
}
