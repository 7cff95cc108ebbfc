import { defineJob } from '../../src/run/define-job.ts'
import { checks } from './checks.ts'
import { migrateSchema } from './config.ts'
import { definitionOfTable } from './definition.ts'
import { executeMigrate } from './execute.ts'
import { fileless } from './fileless.ts'
import { planMigrate } from './plan.ts'
import { addPlans, emptyPlan, savedPlan } from './plan-model.ts'
import { describePlan, reportRows, reportRun } from './report.ts'
import { addResults, emptyResult } from './result-model.ts'
import { migrateVerbs } from './verbs/verbs.ts'

export const migrate = defineJob({
  kind: 'migrate',
  summary: 'Change a large table while it is written to',
  schema: migrateSchema,
  service: 'none',
  target: ({ schema, options }) => `${schema}.${options.table}`,
  checks,
  definition: definitionOfTable,
  pages: () => 'ordered',
  plan: planMigrate,
  execute: executeMigrate,
  savedPlan,
  emptyPlan,
  addPlans,
  emptyResult,
  addResults,
  describePlan,
  report: reportRun,
  rows: reportRows,
  verbs: migrateVerbs,
  fileless,
})
