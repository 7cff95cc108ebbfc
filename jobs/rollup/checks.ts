import type { Finding } from '../../src/run/events.ts'
import type { Check } from '../../src/run/job.ts'
import { checkCounters } from './checks/counters.ts'
import { checkFilters } from './checks/filters.ts'
import type { CheckScene, Look } from './checks/look.ts'
import { checkNames } from './checks/names.ts'
import { checkSeen } from './checks/seen.ts'
import { checkServer } from './checks/server.ts'
import { checkStrategy } from './checks/strategy.ts'
import { checkTriggers } from './checks/triggers.ts'
import type { RollupConfig } from './config.ts'
import { checkReadable, privilegeCheck } from './privilege-check.ts'
import { resolveTables } from './resolve/tables.ts'

/** All of it is looked at, so that one run names everything there is to repair. */
const looks: readonly Look[] = [
  checkServer,
  checkCounters,
  checkSeen,
  checkFilters,
  checkReadable,
  checkStrategy,
  checkTriggers,
]

/** Everything that can be known to be wrong before the first event is counted. */
export const checks: readonly Check<RollupConfig>[] = [
  {
    id: 'rollup.tables',
    scope: 'plan',
    async look(context, settings) {
      const named = await checkNames(context, settings)
      if (named.length > 0) return named
      const resolved = await resolveTables(context, settings)
      if ('problems' in resolved)
        return resolved.problems.map((problem) => ({ ...problem, severity: 'error' as const }))
      const scene: CheckScene = { context, settings, tables: resolved.tables }
      const findings: Finding[] = []
      for (const look of looks) findings.push(...(await look(scene)))
      return findings
    },
  },
  privilegeCheck,
]
