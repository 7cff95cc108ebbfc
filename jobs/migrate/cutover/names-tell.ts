import type { Scene } from '../scene.ts'
import { selectTables } from './sql.ts'

/**
 * What the names say: swapped when the shadow is gone and the retired table is there, waiting when it is the other way
 * round, odd for everything else. The sentry has the retired table's name for a moment; whoever asks has none.
 */
export type Names = 'waiting' | 'swapped' | 'odd'

export async function readNames({ context, route }: Pick<Scene, 'context' | 'route'>): Promise<Names> {
  const { source, shadow, retired } = route
  const rows = await context.read((session) => session.rows(selectTables([source.name, shadow, retired])))
  const has = (name: string) => rows.some((row) => row.name === name)
  if (!has(source.name.table)) return 'odd'
  if (has(shadow.table)) return 'waiting'
  return has(retired.table) ? 'swapped' : 'odd'
}
