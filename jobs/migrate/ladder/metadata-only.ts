import { type Column, findColumn, type TableDefinition } from '../../../src/db/catalog.ts'
import type { AlterClause, AlterText } from '../definition/alter-model.ts'

/**
 * Whether an ALTER in place changes nothing but the catalogue. An ALTER in place that rebuilds the table is not harmless: a
 * replica carries it out in one piece, and falls behind for as long. After the list of block/spirit.
 */
export function isMetadataOnly(
  { clauses }: AlterText,
  source: TableDefinition,
  target: TableDefinition,
): boolean {
  return clauses.every((clause) => isHarmless(clause, source, target))
}

function isHarmless(clause: AlterClause, source: TableDefinition, target: TableDefinition): boolean {
  switch (clause.type) {
    case 'dropIndex':
    case 'renameIndex':
    case 'indexVisibility':
    case 'alterColumnDefault':
      return true
    case 'option':
      return clause.option === 'comment'
    case 'modifyColumn':
      return onlyGrows(findColumn(source, clause.column), findColumn(target, clause.column))
    default:
      return false
  }
}

/** Lengths up to 255 bytes are kept in one byte, longer ones in two: from one to the other the rows change. */
const ONE_BYTE = 255

function onlyGrows(before: Column | undefined, after: Column | undefined): boolean {
  if (before?.dataType !== 'varchar' || after?.dataType !== 'varchar') return false
  const { columnType: _, maximumLength: shorter = 0, ...same } = before
  const { columnType: __, maximumLength: longer = 0, ...others } = after
  if (JSON.stringify(same) !== JSON.stringify(others) || longer < shorter) return false
  const bytes = bytesOf(before)
  return shorter * bytes > ONE_BYTE || longer * bytes <= ONE_BYTE
}

const widths: Readonly<Record<string, number>> = { latin1: 1, ascii: 1, utf8mb3: 3, utf8mb4: 4 }

function bytesOf({ characterSet }: Column): number {
  return widths[characterSet ?? ''] ?? 4
}
