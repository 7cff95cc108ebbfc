import type { ExitCode } from '../lib/errors.ts'
import { writeJson } from '../output/json.ts'
import { renderReport, renderResult } from '../output/text.ts'
import type { Report } from '../run/report.ts'
import type { Ended } from '../run/runner.ts'
import type { Desk } from './desk.ts'
import type { GlobalOptions } from './shell.ts'

/** The one result of a command on standard output, as text or as one JSON document; returns its exit code. */
export async function printEnded(
  desk: Desk,
  { format }: GlobalOptions,
  { result, report }: Ended,
): Promise<ExitCode> {
  desk.close()
  desk.print(format === 'json' ? writeJson(result) : await renderResult(result, report, desk.style))
  return result.exitCode
}

/** A report with its data, for commands that are no run. */
export async function printReport(
  desk: Desk,
  { format }: GlobalOptions,
  report: Report,
  data: unknown,
): Promise<void> {
  desk.close()
  desk.print(format === 'json' ? writeJson(data) : await renderReport(report, desk.style))
}
