import type { Report, ReportRow } from '../run/report.ts'
import type { ResultDocument } from '../run/result.ts'

export interface ReportSummary {
  readonly result: ResultDocument
  readonly report: Report
}

/** The content of a report file in one format. The writer around it owns the file. */
export interface ReportBody {
  write(rows: readonly ReportRow[]): Promise<void>
  /** Everything that comes after the last row. */
  finish(summary: ReportSummary): Promise<void>
}
