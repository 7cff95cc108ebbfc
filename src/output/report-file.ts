import { lstat } from 'node:fs/promises'
import { exitCodes, RowkeeperError, unreachable } from '../lib/errors.ts'
import type { ReportRow } from '../run/report.ts'
import { createCsvBody } from './csv.ts'
import type { ReportBody, ReportSummary } from './report-body.ts'
import { reportFileError } from './report-file-error.ts'
import { createHtmlBody } from './report-html.ts'
import { createJsonBody } from './report-json.ts'
import { type Compression, createReportStream, type ReportStream } from './report-stream.ts'
import { createTemporaryFile, type TemporaryFile } from './temporary-file.ts'

export type { ReportSummary } from './report-body.ts'

export type ReportFormat = 'csv' | 'json' | 'html'

export interface ReportWriter {
  /** Resolves when more rows may come. */
  write(rows: readonly ReportRow[]): Promise<void>
  /** Writes the end and gives the file its name. */
  finish(summary: ReportSummary): Promise<void>
  /** Removes what was written; does nothing after `finish`. */
  discard(): Promise<void>
}

export interface ReportTarget {
  readonly format: ReportFormat
  readonly compression: Compression
}

/**
 * A report under way to `x.csv`, `x.json` or `x.html`, compressed when `.gz` or `.br` follows. Rows are streamed: memory
 * does not grow with them. The file has its name only when it is whole, mode 0600, and replaces an older one.
 *
 * - `csv`: the rows, RFC 4180, UTF-8; the header comes from the first row, so without rows the file is empty.
 * - `json`: one document, `{ schemaVersion, rows: […], result }`; decimals are text, so that nothing rounds them.
 * - `html`: one page that needs nothing else: report first, rows last.
 *
 * @throws RowkeeperError `report.unknownEnding` (exit 64), and those of the file system: `report.noFolder`,
 * `report.noPermission`, `report.notAFile`, `report.noSpace`, `report.notWritten`
 */
export async function openReportFile(path: string): Promise<ReportWriter> {
  const target = readReportTarget(path)
  await refuseSpecialTarget(path)
  const file = await createTemporaryFile(path, reportFileError)
  return createReportWriter(path, target, file)
}

async function refuseSpecialTarget(target: string): Promise<void> {
  const found = await lstat(target).catch(() => undefined)
  if (found === undefined || found.isFile()) return
  throw new RowkeeperError({
    code: 'report.notAFile',
    message: `The report cannot be written to ${target}: that is ${found.isDirectory() ? 'a folder' : 'a link, pipe or device'}.`,
    hint: 'Give --report the path of a file.',
    exitCode: exitCodes.usage,
  })
}

/** What the ending asks for, in any case of letters. */
export function readReportTarget(path: string): ReportTarget {
  const match = /\.(csv|json|html)(?:\.(gz|br))?$/i.exec(path)
  const format = formats.find((name) => name === match?.[1]?.toLowerCase())
  if (format !== undefined)
    return { format, compression: compressions[match?.[2]?.toLowerCase() ?? ''] ?? 'none' }
  throw new RowkeeperError({
    code: 'report.unknownEnding',
    message: `The ending of the report file ${path} names no format.`,
    hint: 'End the name in .csv, .json or .html; add .gz or .br for a compressed file: --report report.csv.gz',
    exitCode: exitCodes.usage,
  })
}

const formats: readonly ReportFormat[] = ['csv', 'json', 'html']
const compressions: Record<string, Compression> = { gz: 'gzip', br: 'brotli' }

/** Writes into `file`, which it takes over; `path` is for messages. */
export async function createReportWriter(
  path: string,
  target: ReportTarget,
  file: TemporaryFile,
): Promise<ReportWriter> {
  const stream = createReportStream(file.handle, target.compression)
  const body = await createBody(target.format, stream, file)
  const complete = async (summary: ReportSummary) => {
    await body.finish(summary)
    await stream.end()
    await file.commit()
  }
  return {
    write: (rows) => translate(path, body.write(rows)),
    finish: (summary) => translate(path, complete(summary)),
    async discard() {
      await stream.abort()
      await file.discard()
    },
  }
}

async function createBody(
  format: ReportFormat,
  stream: ReportStream,
  file: TemporaryFile,
): Promise<ReportBody> {
  switch (format) {
    case 'csv':
      return createCsvBody(stream)
    case 'json':
      return createJsonBody(stream)
    case 'html':
      return createHtmlBody(stream, file)
    default:
      return unreachable(format)
  }
}

async function translate(path: string, attempt: Promise<void>): Promise<void> {
  try {
    await attempt
  } catch (error) {
    throw error instanceof RowkeeperError ? error : reportFileError(path, error)
  }
}
