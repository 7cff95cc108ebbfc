import type { ReportRow } from '../../src/run/report.ts'
import { describeGroup } from './events/describe-group.ts'
import type { RollupPlan } from './plan-model.ts'
import type { RollupResult } from './result-model.ts'

/** One line for every object among those that are counted most: planned, or done. */
export function reportRows(plan: RollupPlan, result: RollupResult): readonly ReportRow[] {
  const entries = result.top.length > 0 ? result.top : plan.top
  return entries.map(({ group, events }) => ({
    group: { text: describeGroup(group) },
    events: { count: events },
  }))
}
