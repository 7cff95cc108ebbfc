import type { PlanContext } from '../../../src/run/context.ts'
import { keyValues } from '../events/key.ts'
import type { SourceTable } from '../tables.ts'
import { readSegments } from './read-segments.ts'
import { countBehind } from './sql.ts'

/** Events that were put aside and are not counted yet, up to `bound` of each table. */
export async function countAside(
  { read, control, job }: PlanContext,
  source: SourceTable,
  bound: number,
): Promise<number> {
  return read(async (session) => {
    const segments = await readSegments(session, control, job)
    let events = 0
    for (const { state, table, position } of segments) {
      if (state !== 'frozen') continue
      const bounds = {
        table: { schema: source.table.name.schema, table },
        behind: position && keyValues(source, position),
      }
      const [row] = await session.rows(countBehind(source, bounds, bound))
      events += Number(row?.events ?? 0)
    }
    return events
  })
}
