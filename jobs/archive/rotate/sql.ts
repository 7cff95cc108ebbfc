import type { Column } from '../../../src/db/catalog.ts'
import { type Statement, sql, statement } from '../../../src/db/statement.ts'
import { type KeyValue, orderBy } from '../../../src/engine/chunks/keyset.ts'
import { type Extent, fromExtent, inPage, selectKeys } from '../exchange/sql.ts'
import { selectValues } from './export-values.ts'

export interface Page {
  readonly key: readonly Column[]
  readonly columns: readonly Column[]
  /** The key of the row before; undefined at the beginning. */
  readonly last: readonly KeyValue[] | undefined
  readonly rows: number
}

/** `k0`, `k1` … the key, `v0`, `v1` … the values, as a file has them. */
export function selectPage(extent: Extent, { key, columns, last, rows }: Page): Statement {
  return statement(
    'archive.select-page',
    sql`SELECT ${selectKeys(key)}, ${selectValues(columns)} FROM ${fromExtent(extent)}
      WHERE ${inPage(key, { last, until: undefined })} ${orderBy(key.map(({ name }) => name))} LIMIT ${rows}`,
  )
}
