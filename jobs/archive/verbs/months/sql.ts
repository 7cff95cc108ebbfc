import { id, type Statement, sql, statement, type TableName, tableId } from '../../../../src/db/statement.ts'

/** Counts up to `bound`. */
export function countPartition(table: TableName, partition: string, bound: number): Statement {
  return statement(
    'archive.count-partition',
    sql`SELECT COUNT(*) AS row_count
      FROM (SELECT 1 FROM ${tableId(table)} PARTITION (${id(partition)}) LIMIT ${bound}) AS counted`,
  )
}
