import { formatBytes, formatCount, formatDuration } from '../../../src/lib/units.ts'
import type { ExecuteContext } from '../../../src/run/context.ts'
import type { VerbResult } from '../../../src/run/job.ts'
import type { Section } from '../../../src/run/report.ts'
import { describeDifferences } from '../definition/difference.ts'
import { describeRange, toTimeEstimate } from '../estimate/model.ts'
import { defineCopy, findRoute, type Inquiry, inquire } from '../inquiry.ts'
import { findRisks } from '../risks/find-risks.ts'
import type { RiskFinding } from '../risks/model.ts'
import { describeRisk } from '../risks/refuse-risks.ts'
import type { MigrationDefinition } from '../state/model.ts'
import { type Settings, targetTable } from '../tables.ts'

/** What a plan that writes nothing cannot know: asks the server with an empty table, and copies some rows to take the time. */
export async function measureMigration(context: ExecuteContext, settings: Settings): Promise<VerbResult> {
  const inquiry = await inquire(context, settings)
  const { strategy, why } = inquiry.rung
  const route = strategy === 'copy' ? findRoute(settings, inquiry) : undefined
  const risks = route === undefined ? [] : await findRisks(context.read, route)
  const definition = route && (await defineCopy(context, settings, inquiry, route))
  const estimate = definition && toTimeEstimate(definition.forecast)
  const { schema, table } = targetTable(settings)
  return {
    ...{ counts: {}, changed: 0, leftOver: 0 },
    detail: { strategy, why, risks, ...(estimate === undefined ? {} : { estimate }) },
    report: {
      headline: `${schema}.${table} would be changed by ${strategy}; the table itself was not touched.`,
      sections: [
        {
          type: 'facts',
          facts: [{ label: 'strategy', value: `${strategy}: ${why}` }, ...timeFacts(definition)],
        },
        ...differences(inquiry),
        ...riskList(risks),
      ],
    },
    next: [`rowkeeper migrate run ${settings.job}`],
  }
}

function timeFacts(definition: MigrationDefinition | undefined) {
  if (definition === undefined) return []
  const { forecast } = definition
  const estimate = toTimeEstimate(forecast)
  const { diskBytes, basis } = estimate
  return [
    { label: 'rows', value: formatCount(forecast.rows) },
    { label: 'would take', value: describeRange(estimate) },
    { label: 'rests on', value: basis },
    { label: 'copying', value: formatDuration(forecast.copyMs) },
    { label: 'building indexes', value: formatDuration(forecast.indexMs) },
    { label: 'checking', value: formatDuration(forecast.checkMs) },
    { label: 'disk needed', value: `about ${formatBytes(diskBytes)}, until the retired table is dropped` },
  ]
}

function riskList(risks: readonly RiskFinding[]): readonly Section[] {
  if (risks.length === 0) return []
  const items = risks.map((finding) => `${words[finding.weight]}: ${describeRisk(finding)}`)
  return [{ type: 'list', title: 'Rows to look at', order: 'any', items }]
}

const words: Readonly<Record<RiskFinding['weight'], string>> = {
  refuse: 'a run refuses',
  change: 'would be another value',
}

function differences({ source, wanted }: Inquiry): readonly Section[] {
  const items = describeDifferences(source, wanted.target, wanted.renames)
  if (items.length === 0) return []
  return [{ type: 'list', title: 'What the server makes of the change', order: 'any', items }]
}
