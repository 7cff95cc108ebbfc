import { readSpace } from '../../src/db/space.ts'
import type { PlanScene } from './scene.ts'
import type { ChildTables } from './tables.ts'

/** What goes with each row of the live table, on average. */
export interface ChildShare {
  readonly table: string
  readonly rows: number
  readonly bytes: number
}

/** By the server's statistics of the whole tables: counting would read every row that is to move. */
export async function readChildShares(
  { context, tables }: PlanScene,
  liveRows: number,
): Promise<readonly ChildShare[]> {
  const shares: ChildShare[] = []
  for (const { table } of listChildren(tables.children)) {
    const { estimatedRows, averageRowBytes } = await context.read((session) => readSpace(session, table.name))
    const rows = liveRows === 0 ? 0 : estimatedRows / liveRows
    shares.push({ table: table.name.table, rows, bytes: rows * averageRowBytes })
  }
  return shares
}

function listChildren(children: readonly ChildTables[]): readonly ChildTables[] {
  return children.flatMap((child) => [child, ...listChildren(child.children)])
}
