import type { Column } from '../../../src/db/catalog.ts'
import { version } from '../../../src/lib/version.ts'
import type { FileRecord, TableFileFormat } from '../../../src/run/table-file.ts'
import type { ArchiveMonth } from '../exchange/archive-month.ts'
import type { FileProof } from './export-proof.ts'
import { encodingOf } from './export-values.ts'
import type { Rotation } from './rotation.ts'

export interface ExportedFile {
  readonly format: TableFileFormat
  readonly columns: readonly Column[]
  readonly proof: FileProof
}

/** What somebody needs to know who has the file and nothing else, years later. Plain JSON; fields are only ever added. */
export function describeFile(
  { scene, place, month }: Rotation,
  table: ArchiveMonth,
  { format, columns, proof }: ExportedFile,
) {
  const { context, tables } = scene
  const { pair, ledger, archive } = table
  return {
    schemaVersion: 1,
    writtenBy: `rowkeeper ${version}`,
    runId: context.runId,
    asOf: context.asOf,
    server: `${place.server.family} ${place.server.version}`,
    archiveTable: archive,
    liveTable: pair.live.name,
    month,
    monthsBeginIn: tables.zone,
    age: { column: pair.age.column.name, kind: pair.age.kind },
    format: { ...formats[format], compression: 'gzip', characterSet: 'utf8mb4', timestampsIn: 'UTC' },
    columns: columns.map(describeColumn),
    rows: proof.rows,
    key: describeKey(table, columns, proof),
    digest: {
      rows: String(ledger?.digest.rows ?? 0n),
      xor: String(ledger?.digest.xor ?? 0n),
      sum: String(ledger?.digest.sum ?? 0n),
      columns: table.columns.map(({ name }) => name),
    },
    file: { bytes: proof.bytes, sha256: proof.sha256 },
  }
}

const formats: Readonly<Record<TableFileFormat, Readonly<Record<string, string>>>> = {
  csv: {
    name: 'csv',
    lines: 'RFC 4180, ended by CR LF; the first one has the names of the columns',
    null: 'nothing between two commas; empty text is ""',
  },
  ndjson: {
    name: 'ndjson',
    lines: 'one JSON object each; every value is text',
    null: 'null',
  },
}

function describeColumn(column: Column) {
  const { name, columnType, characterSet, collation, isNullable } = column
  return {
    name,
    type: columnType,
    isNullable,
    ...(characterSet === undefined ? {} : { characterSet }),
    ...(collation === undefined ? {} : { collation }),
    encoding: encodingOf(column),
  }
}

/** The rows are in the order of this key. */
function describeKey({ key = [] }: ArchiveMonth, columns: readonly Column[], { first, last }: FileProof) {
  const valuesOf = (record: FileRecord | undefined) =>
    record && key.map(({ name }) => record[columns.findIndex((column) => column.name === name)] ?? null)
  return {
    columns: key.map(({ name }) => name),
    first: valuesOf(first) ?? null,
    last: valuesOf(last) ?? null,
  }
}
