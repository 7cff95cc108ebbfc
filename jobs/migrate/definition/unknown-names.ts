import { findNearest } from '../../../src/config/suggest.ts'
import type { TableDefinition } from '../../../src/db/catalog.ts'
import type { AlterClause, AlterText } from './alter-model.ts'
import { isSameName } from './clause-tokens.ts'
import type { DefinitionProblem } from './problem.ts'
import type { AssumedColumn } from './target-columns.ts'

/** Names in an ALTER that the table does not have, and new ones that it has already. `columns`: after the ALTER. */
export function findUnknownNames(
  source: TableDefinition,
  alter: AlterText,
  columns: readonly AssumedColumn[],
): readonly DefinitionProblem[] {
  const names = columns.map(({ name }) => name)
  return [
    ...alter.clauses.flatMap((clause) => findUnknownColumn(clause, source)),
    ...alter.clauses.flatMap((clause) => findUnknownPosition(clause, names)),
    ...alter.clauses.flatMap((clause) => findUnknownIndex(clause, source)),
    ...findTwice(names),
  ]
}

function findUnknownColumn(clause: AlterClause, { columns }: TableDefinition): readonly DefinitionProblem[] {
  if (!('column' in clause) || clause.type === 'addColumn' || clause.isConditional) return []
  const known = columns.map(({ name }) => name)
  return has(known, clause.column) ? [] : [unknownColumn(clause.column, clause, known)]
}

function findUnknownPosition(clause: AlterClause, names: readonly string[]): readonly DefinitionProblem[] {
  if (!('position' in clause) || clause.position?.kind !== 'after') return []
  const { column } = clause.position
  return has(names, column) ? [] : [unknownColumn(column, clause, names)]
}

function unknownColumn(name: string, { text }: AlterClause, known: readonly string[]): DefinitionProblem {
  return {
    code: 'migrate.alterUnknownColumn',
    problem: `There is no column ${name}: ${text}`,
    fix: suggestName(name, known),
  }
}

function findUnknownIndex(clause: AlterClause, { indexes }: TableDefinition): readonly DefinitionProblem[] {
  const name = clause.type === 'dropPrimaryKey' ? 'PRIMARY' : indexOf(clause)
  const known = indexes.map((index) => index.name)
  if (name === undefined || has(known, name)) return []
  const problem = `There is no index ${name}: ${clause.text}`
  return [{ code: 'migrate.alterUnknownIndex', problem, fix: suggestName(name, known) }]
}

/** The index that must be there. */
function indexOf(clause: AlterClause): string | undefined {
  if (!('index' in clause) || clause.type === 'addIndex' || clause.isConditional) return undefined
  return clause.index
}

function findTwice(names: readonly string[]): readonly DefinitionProblem[] {
  const twice = names.filter((name, at) => names.findIndex((other) => isSameName(other, name)) < at)
  return twice.map((name) => ({
    code: 'migrate.alterColumnTwice',
    problem: `There would be two columns named ${name}.`,
    fix: 'Give the new one another name, or drop or rename the old one in the same ALTER.',
  }))
}

function has(names: readonly string[], wanted: string): boolean {
  return names.some((name) => isSameName(name, wanted))
}

function suggestName(name: string, known: readonly string[]): string {
  const nearest = findNearest(name, known)
  return nearest === undefined ? `It has: ${known.join(', ')}.` : `Did you mean ${nearest}?`
}
