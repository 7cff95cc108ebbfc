import { formatDuration } from '../../../src/lib/units.ts'
import type { PlanContext } from '../../../src/run/context.ts'
import type { VerbResult } from '../../../src/run/job.ts'
import type { Migration } from '../state/model.ts'
import type { Settings } from '../tables.ts'
import { requireMigration } from './require-migration.ts'

export async function showStatus(context: PlanContext, settings: Settings): Promise<VerbResult> {
  const migration = await requireMigration(context, settings)
  const { phase, progress, request, startedAt, updatedAt } = migration
  return {
    ...{ counts: {}, changed: 0, leftOver: 0 },
    detail: { phase, request: request ?? null, startedAt, updatedAt, ...progress },
    report: {
      headline: `The migration of ${settings.schema}.${settings.options.table} is ${phase}.`,
      sections: [{ type: 'facts', facts: facts(migration) }],
    },
    next: [],
  }
}

function facts({ progress, request, startedAt, updatedAt }: Migration) {
  const count = (value: number) => value.toLocaleString('en')
  return [
    { label: 'rows copied', value: count(progress.rowsCopied) },
    { label: 'changes applied', value: count(progress.changesApplied) },
    { label: 'rows checked', value: count(progress.rowsChecked) },
    ...Object.entries(progress.phaseMs).map(([label, ms]) => ({ label, value: formatDuration(ms) })),
    ...(request === undefined ? [] : [{ label: 'asked by an operator', value: request }]),
    { label: 'began', value: startedAt },
    { label: 'last heard of', value: updatedAt },
  ]
}
