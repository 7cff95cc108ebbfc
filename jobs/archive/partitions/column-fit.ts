import { type Column, enumMembers } from '../../../src/db/catalog.ts'

/**
 * True when every value of `here` lies in `there` unchanged, and is printed the same, for the proof compares what is
 * printed: a wider VARCHAR will do, a wider DECIMAL or one more digit of a second will not.
 */
export function fits(here: Column, there: Column): boolean {
  if (normaliseType(here) === normaliseType(there)) return true
  if (here.dataType === 'json') return there.dataType === 'longtext' && there.characterSet === 'utf8mb4'
  const rank = rankOf(here, there)
  if (rank !== undefined) return rank
  if (here.dataType !== there.dataType) return false
  switch (here.dataType) {
    case 'char':
    case 'varchar':
    case 'varbinary':
      return lengthOf(there) >= lengthOf(here)
    case 'enum':
    case 'set':
      return membersOf(here).every((member) => membersOf(there).includes(member))
    default:
      return false
  }
}

const sizes: readonly (readonly string[])[] = [
  ['tinytext', 'text', 'mediumtext', 'longtext'],
  ['tinyblob', 'blob', 'mediumblob', 'longblob'],
]

/** Undefined unless both are texts, or both blobs. */
function rankOf(here: Column, there: Column): boolean | undefined {
  const family = sizes.find((types) => types.includes(here.dataType) && types.includes(there.dataType))
  return family && family.indexOf(there.dataType) >= family.indexOf(here.dataType)
}

/** MariaDB prints a width that MySQL dropped; it means something with ZEROFILL alone. */
function normaliseType({ columnType }: Column): string {
  const type = columnType.replace(/\s*\/\*.*?\*\//g, '')
  if (/^(enum|set)\b/i.test(type)) return type
  const lower = type.toLowerCase()
  if (lower.includes('zerofill')) return lower
  return lower.replace(/^((?:tiny|small|medium|big)?int|year)\(\d+\)/, '$1')
}

function lengthOf({ columnType }: Column): number {
  return Number(/\((\d+)\)/.exec(columnType)?.[1] ?? 1)
}

function membersOf(column: Column): readonly string[] {
  return enumMembers({ ...column, dataType: 'enum' }) ?? []
}

/** Until 8.0.29 MySQL called utf8mb3 utf8. */
export function collationOf({ collation }: Column): string | undefined {
  return collation?.replace(/^utf8_/, 'utf8mb3_')
}
