import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { formatCount } from '../../../src/lib/units.ts'
import type { FileRecord, TableFile } from '../../../src/run/table-file.ts'

/** What the disk gave back. */
export interface FileProof {
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
  readonly first: FileRecord | undefined
  readonly last: FileRecord | undefined
}

/**
 * Compares what the disk gives back with the rows that `expected` reads from the table once more.
 *
 * @throws RowkeeperError `archive.exportDiffers`, `export.damaged`
 */
export async function proveFile(
  file: TableFile,
  expected: AsyncGenerator<readonly FileRecord[]>,
): Promise<FileProof> {
  const reading = file.read()
  const table = flatten(expected)
  let rows = 0
  let first: FileRecord | undefined
  let last: FileRecord | undefined
  for await (const page of reading.records) {
    for (const record of page) {
      const { value } = await table.next()
      if (value === undefined || !sameRecord(value, record)) throw differs(file.path, rows + 1)
      rows += 1
      first ??= record
      last = record
    }
  }
  if ((await table.next()).done !== true) throw differs(file.path, rows + 1)
  return { rows, first, last, bytes: reading.bytes(), sha256: reading.sha256() }
}

async function* flatten<T>(pages: AsyncIterable<readonly T[]>): AsyncGenerator<T, undefined> {
  for await (const page of pages) yield* page
  return undefined
}

function sameRecord(left: FileRecord, right: FileRecord): boolean {
  return left.length === right.length && left.every((value, position) => value === right[position])
}

function differs(path: string, row: number): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.exportDiffers',
    message: `Row ${formatCount(row)} of the file ${path}, read back from the disk, is not row ${formatCount(row)} of the table. The month stays where it is, and the file was removed.`,
    hint: 'Somebody may have changed the month meanwhile: run the job again. If it happens again, check the disk under the folder.',
    exitCode: exitCodes.failed,
  })
}
