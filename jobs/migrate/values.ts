import type { Column } from '../../src/db/catalog.ts'
import { type Fragment, id, join, raw, sql } from '../../src/db/statement.ts'
import type { ColumnPair } from './tables.ts'

const integers = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint']
const floats = ['float', 'double']
const texts = ['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext']
const blobs = ['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob']
const temporals = ['date', 'datetime', 'timestamp', 'time']
const numbered = ['enum', 'set']

export function isInteger({ dataType }: Column): boolean {
  return integers.includes(dataType)
}

export function isText({ dataType }: Column): boolean {
  return texts.includes(dataType)
}

/** Same type, length and collation: what one holds the other holds in the same bytes. */
export function isSameType(one: Column, other: Column): boolean {
  return one.columnType === other.columnType && one.collation === other.collation
}

/**
 * A value of the source as the target's column would compare it: for finding rows by their key. Without it an index is
 * not used when a number is compared with text, or the collations differ.
 */
export function keyInTarget({ source, target }: ColumnPair, value: Fragment): Fragment {
  if (source.dataType === target.dataType && source.collation === target.collation) return value
  if (target.collation !== undefined)
    return sql`CONVERT(${value} USING ${raw(target.characterSet ?? 'utf8mb4')}) COLLATE ${raw(target.collation)}`
  return convert(source, target, value)
}

/** What a column gives for a checksum: equal on both sides when the copy is right. */
export interface Cell {
  readonly source: Fragment
  readonly target: Fragment
}

/**
 * Of one pair of columns, each named with its table. The source's value is turned into what an INSERT would make of it;
 * then both are written in the same form. A value that this could not foresee shows as a difference and stops the run: a
 * false alarm, never a lost row.
 */
export function cellOf({ source, target }: ColumnPair, from: Fragment, to: Fragment): Cell {
  const [sourceName, targetName] = [sql`${from}.${id(source.name)}`, sql`${to}.${id(target.name)}`]
  const converted = isSameType(source, target) ? sourceName : convert(source, target, sourceName)
  const write = (value: Fragment) => sql`IFNULL(${writeAs(source, target, value)}, _binary'-')`
  return { source: write(converted), target: write(targetName) }
}

/** As the server would when it assigns the value. Widths are left out, so that a value cut short shows. */
function convert(source: Column, target: Column, value: Fragment): Fragment {
  const { dataType } = target
  if (integers.includes(dataType)) return toInteger(source, target, value)
  if (dataType === 'decimal')
    return sql`CAST(${value} AS ${raw(target.columnType.replace(/ (unsigned|zerofill).*/i, ''))})`
  if (floats.includes(dataType)) return sql`(${value} + 0E0)`
  if (temporals.includes(dataType)) return sql`CAST(${value} AS ${raw(temporalType(target))})`
  if (dataType === 'binary') return sql`CAST(${value} AS ${raw(target.columnType)})`
  if (blobs.includes(dataType)) return source.collation === undefined ? sql`CONCAT(${value})` : value
  if (dataType === 'json') return isText(source) ? sql`CAST(${value} AS JSON)` : value
  return value
}

/** A text is rounded as a number is; a CAST would cut it. */
function toInteger(source: Column, target: Column, value: Fragment): Fragment {
  if (integers.includes(source.dataType)) return value
  const type = raw(target.columnType.includes('unsigned') ? 'UNSIGNED' : 'SIGNED')
  const isNumber =
    source.dataType === 'decimal' || floats.includes(source.dataType) || source.dataType === 'bit'
  if (numbered.includes(source.dataType)) return sql`(${value} + 0)`
  return sql`CAST(ROUND(${isNumber ? value : sql`CAST(${value} AS DECIMAL(65, 30))`}) AS ${type})`
}

/** CAST knows no TIMESTAMP. */
function temporalType({ dataType, columnType }: Column): string {
  const digits = /\(\d\)/.exec(columnType)?.[0] ?? ''
  return dataType === 'date' ? 'DATE' : `${dataType === 'time' ? 'TIME' : 'DATETIME'}${digits}`
}

/** Both sides alike. `source` says where a value comes from, since that decides what is lost on the way. */
function writeAs(source: Column, target: Column, value: Fragment): Fragment {
  const { dataType } = target
  if (numbered.includes(dataType)) return writeMember(source, target, value)
  if (dataType === 'bit') return sql`${value} + 0`
  if (floats.includes(dataType)) return sql`CRC32(POINT(${value}, 0))`
  if (isText(target)) return writeText(source, target, value)
  const printed = [...integers, 'decimal', 'year', ...temporals].includes(dataType)
  return printed ? value : sql`CRC32(${value})`
}

/** ENUM and SET are carried as text, unless they come from a number. */
function writeMember(source: Column, target: Column, value: Fragment): Fragment {
  if (source.columnType === target.columnType || integers.includes(source.dataType)) return sql`${value} + 0`
  if (target.dataType === 'set') return writeSet(target, value)
  return sql`CRC32(CONVERT(CONCAT(${value}) USING utf8mb4))`
}

/** Its text has the members in the order of the definition, which may be another one. */
function writeSet({ columnType }: Column, value: Fragment): Fragment {
  const members = [...columnType.matchAll(/'((?:[^']|'')*)'/g)].map(
    (match) => match[1]?.replaceAll("''", "'") ?? '',
  )
  return sql`CONCAT(${join(members.map((member) => sql`FIND_IN_SET(${member}, ${value}) > 0`))})`
}

/** By its characters when the character sets differ. CHAR ends without spaces on both servers. */
function writeText(source: Column, target: Column, value: Fragment): Fragment {
  if (isSameType(source, target)) return sql`CRC32(${value})`
  const text = blobs.includes(source.dataType)
    ? sql`CONVERT(${value} USING ${raw(target.characterSet ?? 'utf8mb4')})`
    : sql`CONCAT(${value})`
  const unified = sql`CONVERT(${text} USING utf8mb4)`
  // What is longer than the target by spaces alone is cut without an error.
  const isShorter = (source.maximumLength ?? 0) > (target.maximumLength ?? 0)
  const trims = source.dataType === 'char' || target.dataType === 'char' || isShorter
  return sql`CRC32(${trims ? sql`TRIM(TRAILING ' ' FROM ${unified})` : unified})`
}
