import type { TableDefinition } from '../../../src/db/catalog.ts'
import { tokenize } from '../../../src/db/table-text.ts'
import { unreachable } from '../../../src/lib/errors.ts'
import type { AlterClause, AlterText, ColumnSubject, IndexSubject } from './alter-model.ts'
import { isSameName, isWord } from './clause-tokens.ts'
import type { DefinitionProblem } from './problem.ts'
import { type AssumedColumn, assumeColumns } from './target-columns.ts'
import { findUnknownNames } from './unknown-names.ts'

export interface AssumedTarget {
  readonly target: { readonly columns: readonly AssumedColumn[] }
  /** A sentence for each thing that only the server can tell. */
  readonly assumptions: readonly string[]
  /** Names that the table does not have, or has already: the server will refuse the ALTER. */
  readonly problems: readonly DefinitionProblem[]
}

/** What can be known about a table after an ALTER without asking the server to do it. */
export function assumeTarget(source: TableDefinition, alter: AlterText): AssumedTarget {
  const columns = assumeColumns(source, alter)
  return {
    target: { columns },
    assumptions: alter.clauses.flatMap((clause) => assumeClause(clause, source)),
    problems: findUnknownNames(source, alter, columns),
  }
}

function assumeClause(clause: AlterClause, source: TableDefinition): readonly string[] {
  switch (clause.type) {
    case 'addColumn':
      return [...assumeAdded(clause, source), ...assumeDefinition(clause.column, clause)]
    case 'modifyColumn':
      return [assumeChanged(clause.column, clause), ...assumeDefinition(clause.column, clause)]
    case 'changeColumn':
      return [assumeChanged(clause.newName, clause), ...assumeDefinition(clause.newName, clause)]
    case 'addIndex':
      return assumeIndex(clause)
    case 'addForeignKey':
      return [`Whether every row has its parent is known when the server has looked: ${clause.text}`]
    case 'addCheck':
    case 'checkEnforcement':
      return [`Whether every row passes is known when the server has looked: ${clause.text}`]
    case 'convertCharacterSet':
      return [
        `Text columns become ${clause.characterSet}; the server may make a TEXT larger, and decides which indexes still fit.`,
      ]
    case 'option':
      return assumeOption(clause.option, clause.text)
    case 'partitioning':
      return clause.change === 'set'
        ? ['Whether the keys allow these partitions is known to the server.']
        : []
    case 'other':
      return [`What it does is known to the server alone: ${clause.text}`]
    case 'dropColumn':
      return assumeDropped(clause.column, source)
    case 'renameColumn':
    case 'alterColumnDefault':
    case 'columnVisibility':
    case 'dropIndex':
    case 'dropPrimaryKey':
    case 'renameIndex':
    case 'indexVisibility':
    case 'dropForeignKey':
    case 'dropCheck':
    case 'dropConstraint':
    case 'force':
    case 'orderBy':
      return []
    default:
      return unreachable(clause)
  }
}

function assumeAdded({ column, definition }: ColumnSubject, { columns }: TableDefinition): readonly string[] {
  const isThere = columns.some(({ name }) => isSameName(name, column))
  const values = `Its type, character set and default are what the server makes of: ${definition}`
  const added = `${column} is new. ${values}`
  return isThere
    ? [added, `${column} is another column than the one of that name: its values are not kept.`]
    : [added]
}

function assumeDropped(column: string, { indexes }: TableDefinition): readonly string[] {
  const names = indexes.filter(({ columns }) => columns.some((name) => isSameName(name, column)))
  if (names.length === 0) return []
  const list = names.map(({ name }) => name).join(', ')
  return [`What becomes of the indexes with ${column} (${list}) is known to the server.`]
}

function assumeChanged(column: string, { definition }: ColumnSubject): string {
  return `${column} becomes what the server makes of ${definition}; whether every value fits is known when it has looked.`
}

/** What may hide in the definition of a column. */
function assumeDefinition(column: string, { definition }: ColumnSubject): readonly string[] {
  const words = tokenize(definition).filter(({ depth }) => depth === 0)
  const has = (word: string) => words.some((token) => isWord(token, word))
  return [
    ...(has('AS') ? [`${column} is generated: its values come from the server.`] : []),
    ...(has('UNIQUE') || has('KEY') || has('PRIMARY') || has('SERIAL')
      ? [`${column} gets an index of its own, which the server names.`]
      : []),
  ]
}

function assumeIndex({ kind, index, parts }: IndexSubject): readonly string[] {
  if (kind !== 'primary' && kind !== 'unique') return []
  const columns = parts.map(({ column }) => column ?? 'an expression').join(', ')
  const name = index ?? 'The unique index'
  return [`${name} (${columns}) compares values in the collations after the ALTER.`]
}

function assumeOption(option: string, text: string): readonly string[] {
  if (option === 'engine') return [`What the engine makes of the definition is known to the server: ${text}`]
  const isDefault = option === 'default character set' || option === 'default collate'
  return isDefault ? [`It counts for new columns alone: ${text}`] : []
}
