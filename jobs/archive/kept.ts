import { formatPeriod } from '../../src/lib/units.ts'
import type { CountedMonth } from './count-months.ts'
import { olderThan } from './cutoff.ts'
import { oldestAge } from './partitions/age.ts'
import type { Kept } from './plan-model.ts'
import type { PlanScene } from './scene.ts'
import { countRange, countTimeless, countWithoutAge } from './sql.ts'
import { findUncounted } from './uncounted.ts'

/** Counting rows that stay is a courtesy; it ends here. */
const COUNT_BOUND = 1_000_000

/** Why rows that look old stay where they are: what would otherwise be asked the morning after. */
export async function findKept(scene: PlanScene, found: readonly CountedMonth[]): Promise<readonly Kept[]> {
  return [
    ...(await keptWithoutAge(scene)),
    ...(await keptTimeless(scene)),
    ...(await keptByWhere(scene, found)),
    ...keptPinned(scene, found),
    ...keptOnTheWayOut(scene, found),
    ...keptUncounted(scene, found),
  ]
}

async function keptWithoutAge({ context, tables }: PlanScene): Promise<readonly Kept[]> {
  const { source, age } = tables
  if (!age.column.isNullable) return []
  const [row] = await context.read((session) =>
    session.rows(countWithoutAge(source.table.name, age.column, COUNT_BOUND)),
  )
  const rows = Number(row?.row_count ?? 0)
  return rows === 0 ? [] : [{ reason: `${age.column.name} is NULL`, rows }]
}

async function keptTimeless({ context, tables }: PlanScene): Promise<readonly Kept[]> {
  const { source, age } = tables
  const [row] = await context.read((session) =>
    session.rows(countTimeless(source, age.column, oldestAge(age), COUNT_BOUND)),
  )
  const rows = Number(row?.row_count ?? 0)
  return rows === 0 ? [] : [{ reason: `${age.column.name} is no point in time (0, or before 1000)`, rows }]
}

async function keptByWhere(
  { context, tables, cutoff, settings }: PlanScene,
  found: readonly CountedMonth[],
): Promise<readonly Kept[]> {
  const { where, age } = settings.options
  const eligible = found.reduce((sum, { rows }) => sum + rows, 0)
  if (where.trim() === '' || eligible >= COUNT_BOUND) return []
  const [row] = await context.read((session) =>
    session.rows(
      countRange(tables.source, tables.age.column, {
        range: olderThan(cutoff, tables),
        where: '',
        bound: COUNT_BOUND,
      }),
    ),
  )
  const rows = Number(row?.row_count ?? 0) - eligible
  if (rows <= 0) return []
  return [{ reason: `older than ${formatPeriod(age.olderThan)}, but not: ${where}`, rows }]
}

function keptPinned({ ledger, settings }: PlanScene, found: readonly CountedMonth[]): readonly Kept[] {
  return found
    .filter(({ month }) => ledger.get(month)?.pinnedAt !== undefined)
    .map(({ month, rows }) => ({
      reason: `${month} was restored; let it go again with: rowkeeper archive release ${settings.job} --month ${month}`,
      rows,
    }))
}

/** A run that died took the month out half-way: rows put into it now would leave with it, and be in no file. */
function keptOnTheWayOut({ ledger }: PlanScene, found: readonly CountedMonth[]): readonly Kept[] {
  return found
    .filter(({ month }) => ledger.get(month)?.state === 'rotating')
    .map(({ month, rows }) => ({
      reason: `${month} is on its way out of the archive table; its late rows go with the next run`,
      rows,
    }))
}

/** Views that are moved away before they are counted are never counted. */
function keptUncounted(
  { counting, tables: { zone }, settings }: PlanScene,
  found: readonly CountedMonth[],
): readonly Kept[] {
  return found.flatMap(({ month, rows }) => {
    const reason = findUncounted(counting.live, { month, zone, archive: settings.job })
    return reason === undefined ? [] : [{ reason: `${month}: ${reason}`, rows }]
  })
}
