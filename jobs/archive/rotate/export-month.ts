import { join } from 'node:path'
import type { Column } from '../../../src/db/catalog.ts'
import type { KeyValue } from '../../../src/engine/chunks/keyset.ts'
import type { FileRecord, TableFile, TableFileShape } from '../../../src/run/table-file.ts'
import type { ArchiveConfig } from '../config.ts'
import type { ArchiveMonth } from '../exchange/archive-month.ts'
import { keyOfRow } from '../exchange/digest-rows.ts'
import { proveFile } from './export-proof.ts'
import { describeFile } from './export-sidecar.ts'
import { recordOf } from './export-values.ts'
import { partitionExtent, type Rotation } from './rotation.ts'
import { selectPage } from './sql.ts'

export interface Exported {
  readonly path: string
  readonly sha256: string
}

type ExportConfig = NonNullable<ArchiveConfig['into']['export']>

/** Where a month goes, unless there is a file of that name already: then it gets a number. */
export function exportPath({ folder, format }: ExportConfig, table: Pick<ArchiveMonth, 'of'>): string {
  return join(folder, `${nameOf(table)}.${format}.gz`)
}

/** `shop.orders_archive.2005-06`. What a path could not hold, or would read as another one, is written as %2F. */
function nameOf({ of: { archive, month } }: Pick<ArchiveMonth, 'of'>): string {
  const spell = (name: string) =>
    name.replace(/[^\p{L}\p{N}_$ -]/gu, (character) => encodeURIComponent(character).replaceAll('.', '%2E'))
  return `${spell(archive.schema)}.${spell(archive.table)}.${month}`
}

/**
 * Writes a month into a compressed file, reads the file back from the disk and compares each of its values with the
 * table, row by row in key order. Only then the file gets its name, and its sidecar beside it. Undefined when no export
 * is configured. Whatever fails leaves the month where it is.
 */
export async function exportMonth(rotation: Rotation, table: ArchiveMonth): Promise<Exported | undefined> {
  const { context, settings } = rotation.scene
  const config = settings.options.into.export
  if (config === undefined) return undefined
  const columns = exportedColumns(table)
  const shape: TableFileShape = {
    folder: config.folder,
    name: nameOf(table),
    format: config.format,
    columns: columns.map(({ name }) => name),
  }
  const file = await context.files.create(shape)
  try {
    await writeAll(file, readTable(rotation, table, columns))
    await context.reach('archive.export-written')
    const proof = await proveFile(file, readTable(rotation, table, columns))
    await file.commit(describeFile(rotation, table, { format: config.format, columns, proof }))
    return { path: file.path, sha256: proof.sha256 }
  } finally {
    await file.discard()
  }
}

/** All that cannot be computed from the others. */
function exportedColumns({ pair, columns }: ArchiveMonth): readonly Column[] {
  return pair.target.table?.columns.filter(({ isGenerated }) => !isGenerated) ?? columns
}

async function writeAll(file: TableFile, pages: AsyncIterable<readonly FileRecord[]>): Promise<void> {
  for await (const page of pages) await file.write(page)
  await file.end()
}

/** Two pages are in memory at a time, so they are small where rows are large. */
const PAGE_BYTES = 2 * 1024 * 1024
const PAGE_ROWS = 2000

async function* readTable(
  { place, scene }: Rotation,
  table: ArchiveMonth,
  columns: readonly Column[],
): AsyncGenerator<readonly FileRecord[]> {
  const { key = [], partition } = table
  const extent = partitionExtent(table)
  if (extent === undefined || partition === undefined) return
  const rowBytes = partition.bytes / Math.max(1, partition.estimatedRows)
  const rows = Math.max(1, Math.min(PAGE_ROWS, Math.floor(PAGE_BYTES / Math.max(1, rowBytes))))
  for (let last: readonly KeyValue[] | undefined; ; ) {
    scene.context.stop.throwIfAborted()
    const from = last
    const page = await place.read((session) =>
      session.rows(selectPage(extent, { key, columns, last: from, rows })),
    )
    yield page.map((row) => recordOf(row, columns))
    const end = page.at(-1)
    if (page.length < rows || end === undefined) return
    last = keyOfRow(end, key)
  }
}
