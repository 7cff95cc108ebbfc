import { defineJob } from '../../src/run/define-job.ts'
import { checks } from './checks.ts'
import { archiveSchema } from './config.ts'
import { definitionOfTables } from './definition.ts'
import { executeArchive } from './execute.ts'
import { planArchive } from './plan.ts'
import { addPlans, emptyPlan, savedPlan } from './plan-model.ts'
import { describePlan, reportRun } from './report.ts'
import { reportRows } from './report-rows.ts'
import { addResults, emptyResult } from './result-model.ts'
import { archiveVerbs } from './verbs/verbs.ts'

export const archive = defineJob({
  kind: 'archive',
  summary: 'Move old rows into monthly partitions, prove the copy, then delete them',
  schema: archiveSchema,
  service: 'none',
  target: ({ schema, options }) => `${schema}.${options.table}`,
  destination: ({ into }) =>
    into.database === undefined ? undefined : { database: into.database, table: into.table },
  checks,
  definition: definitionOfTables,
  pages: () => 'ordered',
  plan: planArchive,
  execute: executeArchive,
  savedPlan,
  emptyPlan,
  addPlans,
  emptyResult,
  addResults,
  describePlan,
  report: reportRun,
  rows: reportRows,
  verbs: archiveVerbs,
})
