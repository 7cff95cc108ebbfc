import type { Column, Index, IndexKind, IndexPart } from '../../../src/db/catalog.ts'

/** `note varchar(200) NULL DEFAULT 'x'`. The collation is said where it changes. */
export function describeColumn(column: Column): string {
  const said = aspectsOf(column).filter(({ isPlain }) => !isPlain)
  return [column.name, ...said.map(({ text }) => text)].join(' ')
}

/** `int → bigint, NULL → NOT NULL`; empty when only the name differs. */
export function describeColumnChange(before: Column, after: Column): string {
  const old = aspectsOf(before).map(({ text }) => text)
  const changes = aspectsOf(after).flatMap(({ text }, at) =>
    old[at] === text ? [] : [`${old[at]} → ${text}`],
  )
  return changes.join(', ')
}

interface Aspect {
  readonly text: string
  /** Goes without saying. */
  readonly isPlain: boolean
}

/** Every member of a column, in words. */
function aspectsOf(column: Column): readonly Aspect[] {
  return [
    { text: column.columnType, isPlain: false },
    { text: column.collation ?? 'no collation', isPlain: true },
    { text: column.isNullable ? 'NULL' : 'NOT NULL', isPlain: false },
    aspect(column.defaultText !== undefined, `DEFAULT ${column.defaultText}`, 'no default'),
    aspect(column.onUpdateNow, 'ON UPDATE CURRENT_TIMESTAMP', 'no ON UPDATE'),
    aspect(column.isGenerated, `${column.generation} generated`, 'no expression'),
    aspect(column.isAutoIncrement, 'AUTO_INCREMENT', 'no AUTO_INCREMENT'),
    aspect(column.isInvisible, 'INVISIBLE', 'VISIBLE'),
  ]
}

function aspect(isSaid: boolean, said: string, plain: string): Aspect {
  return { text: isSaid ? said : plain, isPlain: !isSaid }
}

const kindWords: Readonly<Record<IndexKind, string>> = {
  btree: '',
  hash: '',
  fulltext: 'FULLTEXT ',
  spatial: 'SPATIAL ',
  vector: 'VECTOR ',
}

/** `UNIQUE KEY email (email(10), site DESC)`, `PRIMARY KEY (id)`. */
export function describeIndex({ name, isUnique, kind, parts }: Index): string {
  const list = `(${parts.map(describePart).join(', ')})`
  if (name === 'PRIMARY') return `PRIMARY KEY ${list}`
  const hash = kind === 'hash' ? ' USING HASH' : ''
  return `${isUnique ? 'UNIQUE ' : ''}${kindWords[kind]}KEY ${name} ${list}${hash}`
}

function describePart({ column, prefixLength, isDescending }: IndexPart): string {
  const length = prefixLength === undefined ? '' : `(${prefixLength})`
  return `${column ?? 'an expression'}${length}${isDescending ? ' DESC' : ''}`
}
