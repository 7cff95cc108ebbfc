import { defineJob } from '../../src/run/define-job.ts'
import { checks } from './checks.ts'
import { rollupSchema } from './config.ts'
import { definitionOfTables } from './definition.ts'
import { executeRollup } from './execute.ts'
import { planRollup } from './plan.ts'
import { addPlans, emptyPlan, savedPlan } from './plan-model.ts'
import { describePlan, reportRun } from './report.ts'
import { reportRows } from './report-rows.ts'
import { addResults, emptyResult } from './result-model.ts'
import { rollupVerbs } from './verbs/verbs.ts'

export const rollup = defineJob({
  kind: 'rollup',
  summary: 'Count events into buckets of time, in bulk and exactly once',
  schema: rollupSchema,
  service: 'none',
  target: ({ schema, options }) => `${schema}.${options.source?.table ?? options.into.table}`,
  checks,
  definition: definitionOfTables,
  pages: () => 'ordered',
  plan: planRollup,
  execute: executeRollup,
  savedPlan,
  emptyPlan,
  addPlans,
  emptyResult,
  addResults,
  describePlan,
  report: reportRun,
  rows: reportRows,
  verbs: rollupVerbs,
})
