import { defineJob } from '../../src/run/define-job.ts'
import { asksSeveral } from './candidates.ts'
import { checks } from './checks.ts'
import { reconcileSchema } from './config.ts'
import { executePage } from './execute.ts'
import { planPage } from './plan.ts'
import { addPlans, emptyPlan, savedPlan } from './plan-model.ts'
import { describePlan, reportRun } from './report.ts'
import { reportRows } from './report-rows.ts'
import { addResults, emptyResult } from './result-model.ts'
import { reviewVerbs } from './review.ts'
import { readSource } from './source.ts'

export const reconcile = defineJob({
  kind: 'reconcile',
  summary: 'Compare local transactions with a service and fix what differs',
  schema: reconcileSchema,
  service: 'required',
  target: ({ schema, options }) => `${schema}.${options.table}`,
  checks,
  definition: async (context, settings) => (await readSource(context, settings)).table.hash,
  pages: (settings) => (asksSeveral(settings) ? 'independent' : 'ordered'),
  plan: planPage,
  execute: executePage,
  savedPlan,
  emptyPlan,
  addPlans,
  emptyResult,
  addResults,
  describePlan,
  report: reportRun,
  rows: reportRows,
  verbs: reviewVerbs,
})
