import type { Column, TableDefinition } from '../../../src/db/catalog.ts'
import { textOf, tokenize } from '../../../src/db/table-text.ts'
import type { AlterClause, AlterText, ColumnPosition, ColumnSubject } from './alter-model.ts'
import { isSameName, skipCount, skipOneOf, takeGroup } from './clause-tokens.ts'

export interface AssumedColumn {
  readonly name: string
  /** Of the column whose values it gets, as the source spells it; undefined for a new one, also where one of its name is dropped. */
  readonly source: string | undefined
  /** Of the source, or as written in the ALTER when assumed: `VARCHAR(200)`. */
  readonly columnType: string | undefined
  /** The server has not said so yet. */
  readonly isAssumed: boolean
}

/**
 * The columns after the ALTER, in order. Both servers take every name of a clause as that of a column before the ALTER, and
 * only FIRST and AFTER as what the clauses before made of it (mysql_prepare_alter_table).
 */
export function assumeColumns(source: TableDefinition, alter: AlterText): readonly AssumedColumn[] {
  const kept: readonly AssumedColumn[] = source.columns.flatMap((column) => keepColumn(column, alter))
  return alter.clauses.reduce((columns, clause) => placeColumn(columns, clause, source), kept)
}

/** As it is after the clauses about it; nothing when it is dropped, or stands in another place afterwards. */
function keepColumn(column: Column, alter: AlterText): readonly AssumedColumn[] {
  const own = alter.clauses.filter((clause) => isAbout(clause, column))
  if (own.some((clause) => clause.type === 'dropColumn' || positionOf(clause) !== undefined)) return []
  let assumed: AssumedColumn = { name: column.name, source: column.name, ...typeAfter(column, alter) }
  for (const clause of own) assumed = { ...assumed, ...changeOf(clause) }
  return [assumed]
}

function isAbout(clause: AlterClause, { name }: Column): boolean {
  return 'column' in clause && clause.type !== 'addColumn' && isSameName(clause.column, name)
}

function positionOf(clause: AlterClause): ColumnPosition | undefined {
  return clause.type === 'modifyColumn' || clause.type === 'changeColumn' ? clause.position : undefined
}

/** CONVERT TO CHARACTER SET makes a TEXT that could no longer hold its values a larger one. */
function typeAfter({ columnType, characterSet }: Column, { clauses }: AlterText) {
  const isConverted = characterSet !== undefined && clauses.some(({ type }) => type === 'convertCharacterSet')
  return { columnType, isAssumed: isConverted }
}

function changeOf(clause: AlterClause): Partial<AssumedColumn> {
  if (clause.type === 'renameColumn') return { name: clause.newName }
  if (clause.type === 'modifyColumn') return { columnType: typeOf(clause), isAssumed: true }
  if (clause.type !== 'changeColumn') return {}
  return { name: clause.newName, columnType: typeOf(clause), isAssumed: true }
}

function placeColumn(
  columns: readonly AssumedColumn[],
  clause: AlterClause,
  source: TableDefinition,
): readonly AssumedColumn[] {
  if (clause.type === 'addColumn') return addColumn(columns, clause)
  const position = positionOf(clause)
  if (position === undefined || !('column' in clause)) return columns
  const old = source.columns.find(({ name }) => isSameName(name, clause.column))
  if (old === undefined) return columns
  const moved = { name: old.name, source: old.name, columnType: old.columnType, isAssumed: true }
  return insert(columns, { ...moved, ...changeOf(clause) }, position)
}

/** IF NOT EXISTS adds nothing where the column is there. */
function addColumn(
  columns: readonly AssumedColumn[],
  clause: AlterClause & ColumnSubject,
): readonly AssumedColumn[] {
  if (clause.isConditional && columns.some(({ name }) => isSameName(name, clause.column))) return columns
  const added = { name: clause.column, source: undefined, columnType: typeOf(clause), isAssumed: true }
  return insert(columns, added, clause.position)
}

/** At the end also where AFTER names no column: the server refuses that. */
function insert(
  columns: readonly AssumedColumn[],
  column: AssumedColumn,
  position: ColumnPosition | undefined,
): readonly AssumedColumn[] {
  if (position === undefined) return [...columns, column]
  if (position.kind === 'first') return [column, ...columns]
  const before = columns.findIndex(({ name }) => isSameName(name, position.column))
  const at = before === -1 ? columns.length : before + 1
  return columns.toSpliced(at, 0, column)
}

/** `VARCHAR(200)`, `INT UNSIGNED`: what a definition begins with. */
function typeOf({ definition }: ColumnSubject): string {
  const tokens = tokenize(definition)
  const behindWord = skipCount(tokens, 1)
  const behindLength = takeGroup(behindWord)?.rest ?? behindWord
  const behindSign = skipOneOf(skipOneOf(behindLength, 'UNSIGNED', 'SIGNED'), 'ZEROFILL')
  return textOf(tokens.slice(0, tokens.length - behindSign.length))
}
