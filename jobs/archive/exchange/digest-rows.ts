import { type Column, findColumn, findPrimaryKey, type TableDefinition } from '../../../src/db/catalog.ts'
import type { Row } from '../../../src/db/connection.ts'
import { addDigests, type Digest, emptyDigest, toDigest } from '../../../src/engine/chunks/digest.ts'
import { isExactKey, type KeyValue, keyValue } from '../../../src/engine/chunks/keyset.ts'
import type { Read } from '../../../src/run/context.ts'
import { digestPage, type Extent, selectPageEnd } from './sql.ts'

/** A table or partition to be read whole while nobody writes to it. */
export interface ReadWhole {
  readonly extent: Extent
  /** What its rows are paged by. */
  readonly key: readonly Column[]
  /** What the digest is over. */
  readonly columns: readonly Column[]
}

/** A fifth of a second each on both servers: a stop is heeded soon, and no statement runs into its time limit. */
const PAGE_ROWS = 50_000

/** Digests add up, so that pages do as well as the whole. */
export async function digestRows(
  { read, stop }: { readonly read: Read; readonly stop: AbortSignal },
  whole: ReadWhole,
): Promise<Digest> {
  const { extent, key } = whole
  let digest = emptyDigest
  for (let last: readonly KeyValue[] | undefined; ; ) {
    stop.throwIfAborted()
    const page = await read(async (session) => {
      const [end] = await session.rows(selectPageEnd(extent, key, { last, rows: PAGE_ROWS }))
      const until = end && keyOfRow(end, key)
      const [row = {}] = await session.rows(digestPage(extent, whole, { last, until }))
      return { until, digest: toDigest(row) }
    })
    digest = addDigests(digest, page.digest)
    if (page.until === undefined) return digest
    last = page.until
  }
}

/** Undefined when nothing tells the rows of a table apart in an order that pages can follow. */
export function pagingKey(table: TableDefinition): readonly Column[] | undefined {
  const columns = findPrimaryKey(table)?.columns.map((name) => findColumn(table, name)) ?? []
  const exact = columns.flatMap((column) => (column !== undefined && isExactKey(column) ? [column] : []))
  return exact.length === 0 || exact.length < columns.length ? undefined : exact
}

/** Of a row that was read with `selectKeys`. */
export function keyOfRow(row: Row, key: readonly Column[]): readonly KeyValue[] {
  return key.map((column, position) => keyValue(row[`k${position}`] ?? null, column))
}
