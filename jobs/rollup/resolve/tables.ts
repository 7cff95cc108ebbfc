import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import type { PlanContext } from '../../../src/run/context.ts'
import type { ResolvedTables, Settings, TableProblem, Tables } from '../tables.ts'
import { resolveCounters, resolveSeen } from './counters.ts'
import { type Found, isProblem } from './problems.ts'
import { resolveSource } from './source.ts'
import { resolveTotal } from './total.ts'

/** Throws what preflight would have refused; for everything after preflight. */
export async function readTables(context: PlanContext, settings: Settings): Promise<Tables> {
  const resolved = await resolveTables(context, settings)
  if ('tables' in resolved) return resolved.tables
  const [problem] = resolved.problems
  throw new RowkeeperError({
    code: problem?.id ?? 'rollup.table',
    message: problem?.evidence ?? 'The table could not be read.',
    hint: problem?.fix,
    exitCode: exitCodes.refused,
  })
}

export function resolveTables(context: PlanContext, settings: Settings): Promise<ResolvedTables> {
  return context.read(async (session) => {
    const problems: TableProblem[] = []
    const report = <T>(found: Found<T>): T | undefined => {
      if (isProblem(found)) problems.push(...found.problems)
      return isProblem(found) ? undefined : found.value
    }
    const source = report(await resolveSource(session, settings))
    const counters = report(await resolveCounters(session, settings, source))
    const total = counters && report(await resolveTotal(session, settings, counters))
    const seen = await resolveSeen(session, settings)
    if (problems.length > 0 || counters === undefined) return { problems }
    return { tables: { source, counters, total, seen } }
  })
}
