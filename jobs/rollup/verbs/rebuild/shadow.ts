import type { TableDefinition } from '../../../../src/db/catalog.ts'
import type { ReadSession } from '../../../../src/db/session.ts'
import type { TableName } from '../../../../src/db/statement.ts'
import { exitCodes, RowkeeperError } from '../../../../src/lib/errors.ts'
import type { ExecuteContext } from '../../../../src/run/context.ts'
import type { CounterTable } from '../../tables.ts'
import { createShadow, dropShadow, selectRemark } from './shadow-sql.ts'

/** Where buckets are counted before they become counters. */
export interface Shadow {
  readonly name: TableName
  /** Left behind by a rebuild that died. */
  readonly leftover: 'none' | 'ours'
}

const SUFFIX = '__rk_rebuild'
const LONGEST_NAME = 64

function shadowName({ name: { schema, table } }: CounterTable): TableName {
  return { schema, table: `${table.slice(0, LONGEST_NAME - SUFFIX.length)}${SUFFIX}` }
}

/** The remark of the table, by which the next rebuild knows it. It comes into being with the table. */
function remarkFor(job: string): string {
  return `rowkeeper rollup rebuild ${job}`
}

/** @throws RowkeeperError `rollup.rebuildShadow` when something else has its name */
export async function findShadow(
  session: Pick<ReadSession, 'rows'>,
  counters: CounterTable,
  job: string,
): Promise<Shadow> {
  const name = shadowName(counters)
  const [row] = await session.rows(selectRemark(name))
  if (row === undefined) return { name, leftover: 'none' }
  if (row.remark === remarkFor(job)) return { name, leftover: 'ours' }
  throw new RowkeeperError({
    code: 'rollup.rebuildShadow',
    message: `${name.schema}.${name.table} is where buckets would be counted, and was not made by a rebuild of ${job}.`,
    hint: `Give it another name (RENAME TABLE ${name.table} TO …), or drop it when nobody needs it; then run it again.`,
    effect: 'none',
    exitCode: exitCodes.refused,
  })
}

/** An empty one. What a rebuild before counted is thrown away: events may have come since. */
export async function makeShadow(
  context: ExecuteContext,
  { name }: Shadow,
  counters: CounterTable & { readonly table: TableDefinition },
): Promise<void> {
  await context.define(`making ${name.schema}.${name.table}`, async (session) => {
    await session.change(dropShadow(name))
    await session.change(createShadow(name, counters, remarkFor(context.job)))
  })
  await context.reach('rollup.shadow-made')
}

/** Once every counter is set. When it stays, the next rebuild removes it. */
export async function removeShadow(context: ExecuteContext, { name }: Shadow): Promise<void> {
  await context.define(`dropping ${name.schema}.${name.table}`, (session) => session.change(dropShadow(name)))
  await context.reach('rollup.shadow-dropped')
}
