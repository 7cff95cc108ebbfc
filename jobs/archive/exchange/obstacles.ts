import type { Column, Index, TableDefinition } from '../../../src/db/catalog.ts'
import { readRowVersions } from '../../../src/db/row-versions.ts'
import type { Family } from '../../../src/db/server.ts'
import type { TableName } from '../../../src/db/statement.ts'
import { readTriggers } from '../../../src/db/triggers.ts'
import type { PlanScene } from '../scene.ts'

export interface Obstacles {
  /** Why no month of this job can be exchanged; each ends the sentence "…: ". */
  readonly obstacles: readonly string[]
  /** Sentences. */
  readonly notes: readonly string[]
}

type Movable = Pick<PlanScene, 'context' | 'settings' | 'tables'>

/** What speaks against exchanging partitions of these tables, whatever the month. */
export async function findObstacles(scene: Movable): Promise<Obstacles> {
  const { context, tables, settings } = scene
  const { source, target, age, children } = tables
  const { family } = context.server
  const triggers = await context.read((session) => readTriggers(session, source.table.name))
  const versions = await findVersions(scene)
  const obstacles = [
    ...when(settings.options.where.trim() !== '', 'where says that some rows may have to stay'),
    ...when(children.length > 0, 'the rows of its children go with them'),
    ...when(age.column.isNullable, `${age.column.name} may be NULL`),
    ...when(
      triggers.some(({ event }) => event === 'DELETE'),
      'its DELETE triggers would not fire',
    ),
    ...(target.table === undefined ? [] : findDifferences(source.table, target.table, family)),
    ...versions.obstacles,
  ]
  return { obstacles, notes: versions.notes }
}

async function findVersions({ context, tables }: Movable): Promise<Obstacles> {
  const names = [tables.source.table.name, ...(tables.target.table === undefined ? [] : [tables.target.name])]
  const found: { name: TableName; versions: number | undefined }[] = []
  for (const name of names) {
    found.push({ name, versions: await context.read((session) => readRowVersions(session, name)) })
  }
  return {
    obstacles: found.flatMap(({ name, versions }) => ((versions ?? 0) > 0 ? [addedAtOnce(name.table)] : [])),
    notes: found.some(({ versions }) => versions === undefined) ? [notSeen] : [],
  }
}

function addedAtOnce(table: string): string {
  return `columns of ${table} were added or dropped at once (ALGORITHM=INSTANT); rebuild it with: ALTER TABLE ${table} FORCE, ALGORITHM=INPLACE, LOCK=NONE`
}

const notSeen =
  'Whether columns were added at once (ALGORITHM=INSTANT) takes PROCESS to see; if so, months are moved in batches after all.'

/**
 * The servers exchange partitions only with tables of the same columns in the same order, the same indexes and the same
 * row format. MySQL wants them to agree on AUTO_INCREMENT too (both checked).
 */
export function findDifferences(
  source: TableDefinition,
  target: TableDefinition,
  family: Family,
): readonly string[] {
  const columns = (table: TableDefinition) => table.columns.map((column) => columnText(column, family))
  const differing = firstDifference(columns(source), columns(target))
  const name = target.name.table
  return [
    ...when(differing !== undefined, `${name} has other columns (${differing})`),
    ...when(indexText(source.indexes) !== indexText(target.indexes), `${name} has other indexes`),
    ...when(
      source.options.rowFormat !== target.options.rowFormat,
      `${name} has ROW_FORMAT=${target.options.rowFormat} instead of ${source.options.rowFormat}`,
    ),
  ]
}

function columnText(column: Column, family: Family): string {
  const { name, columnType, isNullable, collation, generation, isAutoIncrement } = column
  const numbered = family === 'mysql' && isAutoIncrement ? 'AUTO_INCREMENT' : ''
  const parts = [name, columnType, collation, isNullable ? 'NULL' : 'NOT NULL', generation, numbered]
  return parts.filter((part) => part !== undefined && part !== '' && part !== 'none').join(' ')
}

function firstDifference(here: readonly string[], there: readonly string[]): string | undefined {
  const length = Math.max(here.length, there.length)
  const position = Array.from({ length }).findIndex((_, at) => here[at] !== there[at])
  return position === -1 ? undefined : `${there[position] ?? 'none'} instead of ${here[position] ?? 'none'}`
}

function indexText(indexes: readonly Index[]): string {
  const texts = indexes.map(({ name, isUnique, kind, parts }) =>
    JSON.stringify([name, isUnique, kind, parts]),
  )
  return texts.toSorted().join('\n')
}

function when(isSo: boolean, sentence: string): readonly string[] {
  return isSo ? [sentence] : []
}
