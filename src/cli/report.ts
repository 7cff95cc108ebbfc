import type { ReportRow } from '../run/report.ts'
import type { Ended } from '../run/runner.ts'

/** The file of `--report`, or nothing at all: the same calls either way. */
export interface ReportFile {
  take(rows: readonly ReportRow[]): Promise<void>
  finish(ended: Ended): Promise<void>
  /** Removes an unfinished file; does nothing after `finish`. */
  discard(): Promise<void>
}

const noReport: ReportFile = { take: async () => {}, finish: async () => {}, discard: async () => {} }

/** Opened before the run begins: a folder that is missing should be known before an hour of work, not after it. */
export async function openReport(path: unknown): Promise<ReportFile> {
  if (typeof path !== 'string') return noReport
  const { openReportFile } = await import('../output/report-file.ts')
  const writer = await openReportFile(path)
  return {
    take: (rows) => writer.write(rows),
    async finish({ result, report }) {
      if (report === undefined) return writer.discard()
      await writer.finish({ result, report })
    },
    discard: () => writer.discard(),
  }
}
