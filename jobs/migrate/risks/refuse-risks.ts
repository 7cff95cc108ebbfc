import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import type { ExecuteContext } from '../../../src/run/context.ts'
import type { Route } from '../tables.ts'
import { findRisks } from './find-risks.ts'
import type { RiskFinding } from './model.ts'

/**
 * What is only changed without a word, as sentences; what would end the copy ends the run before it.
 *
 * @throws RowkeeperError `migrate.risks` (exit 4) with counts and keys
 */
export async function refuseRisks({ read }: ExecuteContext, route: Route): Promise<readonly string[]> {
  const findings = await findRisks(read, route)
  const refusals = findings.filter(({ weight }) => weight === 'refuse')
  if (refusals.length === 0) return findings.map(describeRisk)
  const { schema, table } = route.source.name
  throw new RowkeeperError({
    code: 'migrate.risks',
    message: `Rows of ${schema}.${table} do not fit the new definition. ${refusals.map(describeRisk).join('. ')}.`,
    hint: 'Correct these rows, or the change, and run it again. All of them are in: rowkeeper migrate plan --measure',
    exitCode: exitCodes.refused,
  })
}

export function describeRisk({ text, samples }: RiskFinding): string {
  return samples.length === 0 ? text : `${text} (such as ${samples.join('; ')})`
}
