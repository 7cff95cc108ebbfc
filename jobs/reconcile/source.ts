import {
  type Column,
  enumMembers,
  findColumn,
  findUniqueIndex,
  type Index,
  readTable,
  type TableDefinition,
} from '../../src/db/catalog.ts'
import { exitCodes, RowkeeperError } from '../../src/lib/errors.ts'
import type { PlanContext } from '../../src/run/context.ts'
import type { JobSettings } from '../../src/run/job.ts'
import type { ReconcileConfig } from './config.ts'

/** The configured table as the catalogue has it: every name in the server's spelling, every type known. */
export interface Source {
  readonly table: TableDefinition
  readonly key: readonly Column[]
  readonly columns: SourceColumns
  /** The index that candidates are read along: it begins with the creation time. */
  readonly scanIndex: Index | undefined
}

export interface SourceColumns {
  readonly reference: Column
  readonly externalId: Column | undefined
  readonly status: Column
  readonly amount: Column
  readonly currency: Column | undefined
  readonly refunded: Column | undefined
  readonly createdAt: Column
  readonly updatedAt: Column | undefined
  readonly version: Column | undefined
  readonly disputed: Column | undefined
}

/** The table with the problems found while resolving the configured names. */
export type Resolved = { readonly source: Source } | { readonly problems: readonly SourceProblem[] }

export interface SourceProblem {
  readonly id: string
  readonly evidence: string
  readonly fix: string
}

const fixNames = 'Correct the job in the configuration, then run: rowkeeper config check'

/** Throws what preflight would have refused; for everything after preflight. */
export async function readSource(
  context: PlanContext,
  settings: JobSettings<ReconcileConfig>,
): Promise<Source> {
  const resolved = await resolveSource(context, settings)
  if ('source' in resolved) return resolved.source
  const [problem] = resolved.problems
  throw new RowkeeperError({
    code: problem?.id ?? 'reconcile.table',
    message: problem?.evidence ?? 'The table could not be read.',
    hint: problem?.fix,
    exitCode: exitCodes.refused,
  })
}

export async function resolveSource(
  context: PlanContext,
  settings: JobSettings<ReconcileConfig>,
): Promise<Resolved> {
  const { options, schema } = settings
  const name = { schema, table: options.table }
  const table = await context.read((session) => readTable(session, name))
  if (table === undefined) return { problems: [noTable(`${schema}.${options.table}`)] }
  const missing = [...options.key, ...Object.values(options.columns)].filter(
    (column) => findColumn(table, column) === undefined,
  )
  if (missing.length > 0) return { problems: [noColumns(table, missing)] }
  const mayBeNull = options.key.some((column) => findColumn(table, column)?.isNullable)
  if (mayBeNull || findUniqueIndex(table, options.key) === undefined) {
    return { problems: [noKey(table, options.key)] }
  }
  return { source: createSource(table, options) }
}

function createSource(table: TableDefinition, options: ReconcileConfig): Source {
  const required = (name: string): Column => {
    const column = findColumn(table, name)
    if (column === undefined) throw new TypeError(`column ${name} was there a moment ago`)
    return column
  }
  const optional = (name: string | undefined) => (name === undefined ? undefined : required(name))
  const { columns } = options
  const createdAt = required(columns.createdAt)
  return {
    table,
    key: options.key.map(required),
    columns: {
      reference: required(columns.reference),
      externalId: optional(columns.externalId),
      status: required(columns.status),
      amount: required(columns.amount),
      currency: optional(columns.currency),
      refunded: optional(columns.refunded),
      createdAt,
      updatedAt: optional(columns.updatedAt),
      version: optional(columns.version),
      disputed: optional(columns.disputed),
    },
    scanIndex: table.indexes.find((index) => index.columns[0] === createdAt.name),
  }
}

function noTable(name: string): SourceProblem {
  return {
    id: 'reconcile.tableMissing',
    evidence: `There is no table ${name}, or the account may not see it.`,
    fix: fixNames,
  }
}

function noColumns(table: TableDefinition, missing: readonly string[]): SourceProblem {
  const { schema, table: name } = table.name
  const has = table.columns.map((column) => column.name).join(', ')
  return {
    id: 'reconcile.columnMissing',
    evidence: `${schema}.${name} has no column ${missing.join(', ')}. It has: ${has}.`,
    fix: fixNames,
  }
}

function noKey(table: TableDefinition, key: readonly string[]): SourceProblem {
  const { schema, table: name } = table.name
  return {
    id: 'reconcile.keyMissing',
    evidence: `${schema}.${name} has no primary or unique key over exactly (${key.join(', ')}) without NULLs, so a row could not be told from another.`,
    fix: `Name a unique key under key:, or add one: ALTER TABLE ${name} ADD PRIMARY KEY (${key.join(', ')})`,
  }
}

/** Why a status could not be stored in the status column; undefined when it can. */
export function findStatusProblem(column: Column, status: string): string | undefined {
  const members = enumMembers(column)
  if (members !== undefined && !members.includes(status)) {
    return `${column.name} is ${column.columnType} and has no member ${JSON.stringify(status)}`
  }
  if (column.maximumLength !== undefined && [...status].length > column.maximumLength) {
    return `${column.name} holds ${column.maximumLength} characters, ${JSON.stringify(status)} has ${[...status].length}`
  }
  return undefined
}
