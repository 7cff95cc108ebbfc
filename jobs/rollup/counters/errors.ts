import { DatabaseError } from '../../../src/db/errors.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import type { CounterTable, TotalTable } from '../tables.ts'
import { sketchColumn } from './sql.ts'

/** Out of range: of the column's type (1264), or of an unsigned result (1690). */
const outOfRange: readonly (number | undefined)[] = [1264, 1690]

/** Throws again, in words where the numbers grew too large or too small for their column. */
export function explainCounters(error: unknown, { name, measures }: CounterTable): never {
  throw explain(error, `${name.schema}.${name.table}`, measures.map((measure) => measure.name).join(', '))
}

export function explainTotals(error: unknown, { table: { name }, columns }: TotalTable): never {
  throw explain(error, `${name.schema}.${name.table}`, columns.map(({ column }) => column.name).join(', '))
}

function explain(error: unknown, table: string, columns: string): unknown {
  if (!(error instanceof DatabaseError) || !outOfRange.includes(error.number)) return error
  return new RowkeeperError({
    code: 'rollup.outOfRange',
    message: `What was counted does not fit into ${table} (${columns}): ${error.message} The events of this batch are not counted, and still there.`,
    hint: `Make the column larger, or signed where a sum may fall below 0 (ALTER TABLE ${table} MODIFY … BIGINT NOT NULL DEFAULT 0); then run it again.`,
    effect: 'none',
    exitCode: exitCodes.badInput,
    cause: error,
  })
}

export function sketchUnreadable({ name }: CounterTable, measure: string): RowkeeperError {
  const column = sketchColumn(measure)
  return new RowkeeperError({
    code: 'rollup.sketch',
    message: `A value of ${name.schema}.${name.table}.${column} is no sketch of different values. The events of this batch are not counted, and still there.`,
    hint: `Was the column written by something else, or made too short for 2,048 bytes? Set the damaged values to NULL (that estimate then begins anew), then run it again.`,
    effect: 'none',
    exitCode: exitCodes.badInput,
  })
}
