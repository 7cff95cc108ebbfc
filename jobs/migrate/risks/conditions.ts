import type { Column } from '../../../src/db/catalog.ts'
import { enumMembers } from '../../../src/db/catalog.ts'
import { type Fragment, id, list, raw, sql } from '../../../src/db/statement.ts'
import type { ColumnPair } from '../tables.ts'
import { isSameType, isText } from '../values.ts'
import type { Risk } from './model.ts'
import { boundsOf, scaleOf } from './numbers.ts'

/** What may be wrong with the values of one column. Nothing where the target holds all that the source can. */
export function listRisks(pair: ColumnPair): readonly Risk[] {
  const nulls = listNulls(pair)
  if (isSameType(pair.source, pair.target)) return nulls
  return [
    ...nulls,
    ...listLengths(pair),
    ...listRanges(pair),
    ...listRounding(pair),
    ...listMembers(pair),
    ...listTimes(pair),
    ...listCharacters(pair),
  ]
}

function readValue({ source }: ColumnPair): Fragment {
  return sql`s.${id(source.name)}`
}

function listNulls(pair: ColumnPair): readonly Risk[] {
  const { source, target } = pair
  if (!source.isNullable || target.isNullable) return []
  return [
    {
      ...{ weight: 'refuse', column: source.name, what: `is NULL, and ${target.name} is to be NOT NULL` },
      condition: sql`${readValue(pair)} IS NULL`,
    },
  ]
}

const bytesOfTexts: Readonly<Record<string, number>> = {
  ...{ tinytext: 255, text: 65_535, mediumtext: 16_777_215 },
  ...{ tinyblob: 255, blob: 65_535, mediumblob: 16_777_215 },
}

/** CHAR and VARCHAR count characters; the others bytes, also those that a character takes after the conversion. */
function listLengths(pair: ColumnPair): readonly Risk[] {
  const { source, target } = pair
  const value = readValue(pair)
  const characters = /^(?:var)?char\((\d+)\)/.exec(target.columnType)?.[1]
  const bytes = /^(?:var)?binary\((\d+)\)/.exec(target.columnType)?.[1] ?? bytesOfTexts[target.dataType]
  const told = (length: string) => ({
    ...{ weight: 'refuse' as const, column: source.name, what: `is longer than ${length}` },
  })
  if (characters !== undefined) {
    // Spaces at the end count: MySQL refuses them in an INSERT … SELECT, MariaDB cuts them without a word.
    const length = sql`CHAR_LENGTH(${value})`
    return [{ ...told(`${characters} characters`), condition: sql`${length} > ${raw(characters)}` }]
  }
  if (bytes === undefined) return []
  const written = isText(target)
    ? sql`CONVERT(${value} USING ${raw(target.characterSet ?? 'utf8mb4')})`
    : value
  return [{ ...told(`${bytes} bytes`), condition: sql`LENGTH(${written}) > ${raw(String(bytes))}` }]
}

function listRanges(pair: ColumnPair): readonly Risk[] {
  const { source, target } = pair
  const bounds = boundsOf(target)
  const own = boundsOf(source)
  if (bounds === undefined || own === undefined) return []
  if (own.low >= bounds.low && own.high <= bounds.high) return []
  const rounded = sql`ROUND(${readValue(pair)}, ${raw(String(scaleOf(target)))})`
  return [
    {
      ...{ weight: 'refuse', column: source.name, what: `is not between ${bounds.text}` },
      condition: sql`(${rounded} < ${raw(bounds.lowText)} OR ${rounded} > ${raw(bounds.highText)})`,
    },
  ]
}

function listRounding(pair: ColumnPair): readonly Risk[] {
  const { source, target } = pair
  const isNumber = boundsOf(source) !== undefined && boundsOf(target) !== undefined
  if (!isNumber || scaleOf(source) <= scaleOf(target)) return []
  const digits = raw(String(scaleOf(target)))
  return [
    {
      ...{ weight: 'change', column: source.name, what: `would be rounded to fit ${target.columnType}` },
      condition: sql`${readValue(pair)} <> ROUND(${readValue(pair)}, ${digits})`,
    },
  ]
}

function listMembers(pair: ColumnPair): readonly Risk[] {
  const { source, target } = pair
  const members = enumMembers(target)
  if (members === undefined || !(isText(source) || source.dataType === 'enum')) return []
  if (enumMembers(source)?.every((member) => members.includes(member)) === true) return []
  const written = sql`CONVERT(CONCAT(${readValue(pair)}) USING ${raw(target.characterSet ?? 'utf8mb4')})`
  const collated = sql`${written} COLLATE ${raw(target.collation ?? 'utf8mb4_bin')}`
  return [
    {
      ...{ weight: 'refuse', column: source.name, what: `is no member of ${target.columnType}` },
      condition: sql`${collated} NOT IN (${list(members)})`,
    },
  ]
}

const digitsOf = ({ columnType }: Column) => Number(/\((\d)\)/.exec(columnType)?.[1] ?? 0)
const clocks = ['datetime', 'timestamp', 'time']

function listTimes(pair: ColumnPair): readonly Risk[] {
  const { source, target } = pair
  const value = readValue(pair)
  const isBeyond = target.dataType === 'timestamp' && ['datetime', 'date'].includes(source.dataType)
  const isCut =
    clocks.includes(source.dataType) &&
    clocks.includes(target.dataType) &&
    digitsOf(source) > digitsOf(target)
  const type = target.dataType === 'time' ? 'TIME' : 'DATETIME'
  return [
    ...(isBeyond
      ? [
          {
            ...{
              weight: 'refuse' as const,
              column: source.name,
              what: 'is outside of what a TIMESTAMP holds',
            },
            condition: sql`(${value} < '1970-01-01 00:00:01' OR ${value} > '2038-01-19 03:14:07')`,
          },
        ]
      : []),
    ...(isCut
      ? [
          {
            ...{
              weight: 'change' as const,
              column: source.name,
              what: `would be rounded to fit ${target.columnType}`,
            },
            condition: sql`${value} <> CAST(${value} AS ${raw(`${type}(${digitsOf(target)})`)})`,
          },
        ]
      : []),
  ]
}

/** Every character of Unicode. */
const complete: readonly (string | undefined)[] = ['utf8mb4', 'utf16', 'utf32', undefined]

function listCharacters(pair: ColumnPair): readonly Risk[] {
  const { source, target } = pair
  const isSafe = complete.includes(target.characterSet) || source.characterSet === target.characterSet
  if (isSafe || !isText(source) || !isText(target)) return []
  const value = readValue(pair)
  const there = sql`CONVERT(${value} USING ${raw(target.characterSet ?? 'utf8mb4')})`
  return [
    {
      ...{
        weight: 'refuse',
        column: source.name,
        what: `has characters that ${target.characterSet} does not know`,
      },
      condition: sql`HEX(CONVERT(${there} USING utf8mb4)) <> HEX(CONVERT(${value} USING utf8mb4))`,
    },
  ]
}
