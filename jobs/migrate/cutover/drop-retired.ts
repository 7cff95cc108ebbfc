import type { TableName } from '../../../src/db/statement.ts'
import type { ExecuteContext } from '../../../src/run/context.ts'
import { dropTable } from '../sql.ts'
import { deleteSome, selectTables } from './sql.ts'

const ROWS_AT_ONCE = 5000
const PAUSE_MS = 20

/**
 * Empties the table row by row before it is dropped: a DROP of many pages in memory stops the whole server for seconds
 * (github/gh-ost 307; MySQL bug 91977).
 */
export async function dropInSteps(context: ExecuteContext, name: TableName): Promise<void> {
  const [there] = await context.read((session) => session.rows(selectTables([name])))
  if (there === undefined) return
  for (;;) {
    context.stop.throwIfAborted()
    const { affectedRows } = await context.transact('empty retired table', (transaction) =>
      transaction.change(deleteSome(name, ROWS_AT_ONCE)),
    )
    if (affectedRows < ROWS_AT_ONCE) break
    await context.clock.sleep(PAUSE_MS, context.stop)
  }
  await context.define(`dropping ${name.table}`, (session) => session.change(dropTable(name)), {
    tables: [name],
  })
}
