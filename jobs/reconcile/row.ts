import { createHash } from 'node:crypto'
import type { Column } from '../../src/db/catalog.ts'
import type { Cell, Row } from '../../src/db/connection.ts'
import { fromColumnTime } from '../../src/db/date-time.ts'
import { type Fragment, id, join, sql, type Value } from '../../src/db/statement.ts'
import { exitCodes, RowkeeperError } from '../../src/lib/errors.ts'
import { type LocalClass, localClasses } from './classes.ts'
import type { ReconcileConfig } from './config.ts'
import type { Source } from './source.ts'

/** Values of the key columns in their order, as text; binary as hexadecimal. Only the server compares them. */
export type Key = readonly string[]

/** One local transaction as it was read. Texts are the column's own, for the compare-and-set. */
export interface LocalRow {
  readonly key: Key
  readonly keyHash: string
  readonly reference: string
  readonly externalId: string | undefined
  readonly status: string
  readonly local: LocalClass
  /** As the column has it; exact decimal text. */
  readonly amount: string
  readonly currency: string | undefined
  readonly refunded: string | undefined
  /** Instants as ISO text in UTC. */
  readonly createdAt: string
  readonly createdText: string
  /** When the row last changed, else when it was created. */
  readonly since: string
  readonly updatedText: string | undefined
  readonly version: string | undefined
  readonly isDisputed: boolean
  /** `blockCompensation` holds for it: nothing is ever cancelled. */
  readonly isBlocked: boolean
}

const integerTypes = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'year']
const binaryTypes = ['binary', 'varbinary']
/** Types whose text comes back as the same value in a comparison. ENUM compares as text and sorts by position: left out. */
const keyTypes = [...integerTypes, ...binaryTypes, 'char', 'varchar', 'date', 'datetime', 'timestamp', 'uuid']

export function isKeyType(column: Column): boolean {
  return keyTypes.includes(column.dataType)
}

export function toLocalRow(row: Row, source: Source, options: ReconcileConfig, zone: string): LocalRow {
  const { columns } = source
  const createdText = String(row.created_at)
  const updatedText = textOf(row.updated_at)
  const status = String(row.status)
  const key = source.key.map((_, index) => keyText(row[`key_${index}`]))
  const createdAt = instant(createdText, columns.createdAt, zone)
  const updatedAt =
    updatedText === undefined || columns.updatedAt === undefined
      ? undefined
      : fromColumnTime(updatedText, columns.updatedAt, zone)
  return {
    key,
    keyHash: hashKey(key),
    // Empty: there is nothing to ask for. As text, NULL would be asked for by that name and found absent.
    reference: textOf(row.reference) ?? '',
    externalId: filledText(row.external_id),
    status,
    local: localClassOf(status, options),
    amount: String(row.amount),
    currency: filledText(row.currency)?.toUpperCase(),
    refunded: textOf(row.refunded),
    createdAt,
    createdText,
    since: updatedAt ?? createdAt,
    updatedText,
    version: textOf(row.version),
    isDisputed: isFlagSet(row.disputed),
    isBlocked: isFlagSet(row.compensation_blocked),
  }
}

export function hashKey(key: Key): string {
  return createHash('sha256').update(JSON.stringify(key)).digest('hex')
}

/** `17` or `(17, EUR)`: how people see a key. */
export function describeKey(key: Key): string {
  return key.length === 1 ? String(key[0]) : `(${key.join(', ')})`
}

/** `id = 17 AND currency = 'EUR'`. */
export function matchKey(source: Source, key: Key): Fragment {
  const parts = source.key.map(
    (column, index) => sql`${id(column.name)} = ${keyValue(column, key[index] ?? '')}`,
  )
  return join(parts, ' AND ')
}

/** Rows after (createdAt, key) in the order of the scan. Written out: optimizers use no index for row comparisons with mixed parts. */
export function afterPosition(source: Source, createdText: string, key: Key): Fragment {
  const columns = [source.columns.createdAt, ...source.key]
  const values: Value[] = [
    createdText,
    ...source.key.map((column, index) => keyValue(column, key[index] ?? '')),
  ]
  const alternatives = columns.map((column, index) => {
    const equal = columns
      .slice(0, index)
      .map((before, position) => sql`${id(before.name)} = ${values[position] ?? null}`)
    return sql`(${join([...equal, sql`${id(column.name)} > ${values[index] ?? null}`], ' AND ')})`
  })
  // The first condition repeats what the others imply, so that the range on the index is plain to see.
  return sql`${id(source.columns.createdAt.name)} >= ${createdText} AND (${join(alternatives, ' OR ')})`
}

/** A BIGINT compared with text would be compared as a float on both servers, so integers are bound as integers. */
function keyValue(column: Column, text: string): Value {
  if (integerTypes.includes(column.dataType)) return BigInt(text)
  return binaryTypes.includes(column.dataType) ? Buffer.from(text, 'hex') : text
}

function keyText(cell: Cell | undefined): string {
  if (cell === null || cell === undefined)
    throw new TypeError('a key column was NULL after preflight saw NOT NULL')
  return Buffer.isBuffer(cell) ? cell.toString('hex') : String(cell)
}

function textOf(cell: Cell | undefined): string | undefined {
  return cell === null || cell === undefined ? undefined : String(cell)
}

/** Columns that may not be NULL hold an empty text for what is not known yet. */
function filledText(cell: Cell | undefined): string | undefined {
  const text = textOf(cell)
  return text === '' ? undefined : text
}

function isFlagSet(cell: Cell | undefined): boolean {
  if (Buffer.isBuffer(cell)) return cell.some((byte) => byte !== 0)
  return cell !== undefined && cell !== null && !['', '0', 'N', 'n', 'false'].includes(String(cell))
}

function instant(text: string, column: Column, zone: string): string {
  const value = fromColumnTime(text, column, zone)
  if (value !== undefined) return value
  throw new RowkeeperError({
    code: 'reconcile.unreadableTime',
    message: `The value ${JSON.stringify(text)} of ${column.name} is no point in time.`,
    hint: 'Leave such rows out with jobs.*.where',
    exitCode: exitCodes.badInput,
  })
}

function localClassOf(status: string, { statuses }: ReconcileConfig): LocalClass {
  // The server matched the status by its collation, so a row may differ from the configuration in case.
  const lower = status.toLowerCase()
  const found =
    localClasses.find((name) => statuses[name]?.includes(status)) ??
    localClasses.find((name) => statuses[name]?.some((raw) => raw.toLowerCase() === lower))
  if (found === undefined) throw new TypeError(`status ${status} was selected but belongs to no class`)
  return found
}
