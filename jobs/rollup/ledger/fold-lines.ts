import { z } from 'zod'
import { shiftInstant, toControlTime } from '../../../src/db/date-time.ts'
import type { Transaction } from '../../../src/db/session.ts'
import type { ExecuteContext } from '../../../src/run/context.ts'
import { addAmounts } from './add-amounts.ts'
import { deleteLines, type LineGroup, lockLines, putLine, selectLongDays } from './fold-sql.ts'

/** For so long every batch can be seen for itself. */
const KEPT_MS = 30 * 24 * 3_600_000
/** Fewer lines of a day than this are left: a job that runs every minute would fold one line each time. */
const LINES_WORTH_FOLDING = 100
const LINES_PER_TRANSACTION = 5000

/** Makes one line of many old ones of the same day. Their sums, which are all that is asked of them, stay. */
export async function foldOldLines(context: ExecuteContext): Promise<void> {
  const { job, control, read, asOf } = context
  const old = { job, writtenBefore: toControlTime(shiftInstant(asOf, -KEPT_MS)) }
  const days = await read((session) =>
    session.rows(selectLongDays(control.schema, { ...old, lines: LINES_WORTH_FOLDING })),
  )
  for (const { day, origin } of days)
    await foldDay(context, { ...old, day: String(day), origin: String(origin) })
}

async function foldDay(context: ExecuteContext, group: LineGroup): Promise<void> {
  let folded = LINES_PER_TRANSACTION
  while (folded === LINES_PER_TRANSACTION) {
    context.stop.throwIfAborted()
    folded = await context.transact('fold the ledger', (transaction) =>
      foldLines(transaction, context.control.schema, group),
    )
    await context.reach('rollup.ledger-folded')
  }
}

const amountsOfLine = z.record(z.string(), z.string())

async function foldLines(transaction: Transaction, schema: string, group: LineGroup): Promise<number> {
  const lines = await transaction.rows(lockLines(schema, { ...group, rows: LINES_PER_TRANSACTION }))
  const [first, ...others] = lines.map(({ id }) => String(id))
  if (first === undefined || others.length === 0) return lines.length
  const add = (column: 'events' | 'filtered') =>
    lines.reduce((sum, line) => sum + BigInt(String(line[column])), 0n)
  const amounts = addAmounts(lines.map((line) => amountsOfLine.parse(JSON.parse(String(line.amounts)))))
  await transaction.change(
    putLine(schema, first, {
      events: add('events'),
      filtered: add('filtered'),
      amounts: JSON.stringify(amounts),
    }),
  )
  await transaction.change(deleteLines(schema, others))
  return lines.length
}
