import { exitCodes, RowkeeperError } from '../lib/errors.ts'

/** What may be bound. Bigints are written as bare digits, so that a BIGINT comparison never goes through a float. */
export type Value = string | number | bigint | Buffer | null

/**
 * SQL text with holes: `chunks` has one more entry than `values`. Values are escaped between the chunks one by one,
 * never searched for, so a `?` inside a configured predicate stays what it is.
 */
export interface Fragment {
  readonly chunks: readonly string[]
  readonly values: readonly Value[]
}

/** A named statement. The name leads the text as a comment, so a DBA recognises it in the process list and the slow log. */
export interface Statement extends Fragment {
  readonly name: string
}

/** A table in two fields. Names with dots are legal names, so "db.table" strings are never taken apart. */
export interface TableName {
  readonly schema: string
  readonly table: string
}

/** Tagged template: fragments are spliced in, everything else becomes a bound value. */
export function sql(strings: TemplateStringsArray, ...parts: readonly (Value | Fragment)[]): Fragment {
  const chunks = [strings[0] ?? '']
  const values: Value[] = []
  parts.forEach((part, index) => {
    const following = strings[index + 1] ?? ''
    const [first = '', ...rest] = isFragment(part) ? part.chunks : ['', '']
    chunks[chunks.length - 1] += first
    chunks.push(...rest)
    chunks[chunks.length - 1] += following
    if (isFragment(part)) values.push(...part.values)
    else values.push(part)
  })
  return { chunks, values }
}

export function isFragment(part: Value | Fragment): part is Fragment {
  return typeof part === 'object' && part !== null && 'chunks' in part
}

/** `name` is dotted: `reconcile.select-candidates`. */
export function statement(name: string, body: Fragment): Statement {
  const [first = '', ...rest] = body.chunks
  return { name, chunks: [`/* rowkeeper ${name} */ ${first}`, ...rest], values: body.values }
}

/** Text from a trusted place: our own keywords, or a predicate that the configuration shows as free SQL. */
export function raw(text: string): Fragment {
  return { chunks: [text], values: [] }
}

export const nothing: Fragment = raw('')

/**
 * One quoted identifier. The driver's own quoting splits on dots and turns `a as b` into an alias (measured with
 * mysql2 3.24 and knex 3.3), so names are quoted here: https://dev.mysql.com/doc/refman/8.4/en/identifiers.html
 */
export function id(name: string): Fragment {
  if (name === '' || [...name].length > 64 || name.includes('\0') || name.endsWith(' ')) {
    throw new RowkeeperError({
      code: 'database.badIdentifier',
      message: `${JSON.stringify(name)} cannot be the name of a table or column: names have 1 to 64 characters, no NUL and no space at the end.`,
      hint: 'Correct the name in the configuration, then run: rowkeeper config check',
      exitCode: exitCodes.badConfiguration,
    })
  }
  return raw(`\`${name.replaceAll('`', '``')}\``)
}

export function tableId(name: TableName): Fragment {
  return sql`${id(name.schema)}.${id(name.table)}`
}

export function join(fragments: readonly Fragment[], separator = ', '): Fragment {
  return fragments.reduce(
    (joined, fragment, index) => (index === 0 ? fragment : sql`${joined}${raw(separator)}${fragment}`),
    nothing,
  )
}

/** `?, ?, ?`. An empty list would be a syntax error in SQL; callers return early instead. */
export function list(values: readonly Value[]): Fragment {
  return { chunks: ['', ...values.slice(1).map(() => ', '), ''], values }
}

/** `(?, ?), (?, ?)`, built in one pass: page-sized inserts have tens of thousands of values. */
export function tuples(rows: readonly (readonly Value[])[]): Fragment {
  const chunks: string[] = []
  const values: Value[] = []
  rows.forEach((row, rowIndex) => {
    row.forEach((value, index) => {
      const opening = rowIndex === 0 ? '(' : '), ('
      chunks.push(index === 0 ? opening : ', ')
      values.push(value)
    })
  })
  return { chunks: [...chunks, ')'], values }
}

/** The text with `?` for values: for plans, logs and tests. What is sent is rendered by the connection. */
export function describeStatement(fragment: Fragment): string {
  return fragment.chunks.join('?').replace(/\s+/g, ' ').trim()
}
