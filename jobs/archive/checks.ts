import type { Finding } from '../../src/run/events.ts'
import type { Check } from '../../src/run/job.ts'
import { checkForeignKeys } from './checks/foreign-keys.ts'
import type { CheckScene, Look } from './checks/look.ts'
import { checkNames } from './checks/names.ts'
import { checkReading } from './checks/reading.ts'
import { checkBinaryLog } from './checks/servers.ts'
import { checkChildIndexes, checkEngine, checkKeys, checkNullAges } from './checks/source.ts'
import { checkTargets } from './checks/target.ts'
import { checkTriggers } from './checks/triggers.ts'
import { checkZone } from './checks/zone.ts'
import type { ArchiveConfig } from './config.ts'
import { checkReadable, privilegeCheck } from './privilege-check.ts'
import { resolveTables } from './tables.ts'

/** What the catalogue alone tells. All of it is looked at, so that one run names everything there is to repair. */
const ofDefinitions: readonly Look[] = [
  checkBinaryLog,
  checkEngine,
  checkKeys,
  checkChildIndexes,
  checkForeignKeys,
  checkTargets,
  checkTriggers,
]

/** What reads rows: only once the tables are as they should be, and each only when the one before was content. */
const ofRows: readonly Look[] = [checkReadable, checkReading, checkNullAges, checkZone]

/** Everything that can be known to be wrong before the first row is moved. */
export const checks: readonly Check<ArchiveConfig>[] = [
  {
    id: 'archive.tables',
    scope: 'plan',
    async look(context, settings) {
      const named = await checkNames(context, settings)
      if (named.length > 0) return named
      const resolved = await resolveTables(context, settings)
      if ('problems' in resolved)
        return resolved.problems.map((problem) => ({ ...problem, severity: 'error' as const }))
      const scene: CheckScene = { context, settings, tables: resolved.tables }
      const findings: Finding[] = []
      for (const look of ofDefinitions) findings.push(...(await look(scene)))
      for (const look of ofRows) {
        if (findings.some(({ severity }) => severity === 'error')) break
        findings.push(...(await look(scene)))
      }
      return findings
    },
  },
  privilegeCheck,
]
