import { raw, statement } from '../../../src/db/statement.ts'
import type { Scene } from '../scene.ts'

/** innodb_autoinc_lock_mode in which an INSERT … SELECT does not keep others from the table's counter. */
const INTERLEAVED = 2

/**
 * More than one only where they do not wait for each other: with another innodb_autoinc_lock_mode than 2 an
 * INSERT … SELECT keeps the counter of its table to its end. Three workers were then no faster than one (MariaDB 10.11).
 */
export async function countWorkers({
  context,
  route,
  settings,
}: Pick<Scene, 'context' | 'route' | 'settings'>): Promise<number> {
  const { workers } = settings.options
  if (!route.target.columns.some(({ isAutoIncrement }) => isAutoIncrement)) return workers
  const [row] = await context.read((session) => session.rows(selectLockMode()))
  return Number(row?.lock_mode) === INTERLEAVED ? workers : 1
}

function selectLockMode() {
  return statement('migrate.select-lock-mode', raw('SELECT @@innodb_autoinc_lock_mode AS lock_mode'))
}
