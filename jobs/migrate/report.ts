import { formatDuration, plural } from '../../src/lib/units.ts'
import type { PlanDescription, RunReport } from '../../src/run/job.ts'
import type { ReportRow } from '../../src/run/report.ts'
import type { MigratePlan } from './plan-model.ts'
import type { MigrateResult } from './result-model.ts'
import type { Settings } from './tables.ts'

export function describePlan({ job, options }: Settings, plan: MigratePlan): PlanDescription {
  const { asOf: _, ...detail } = plan
  return {
    report: { headline: `${job}: ${options.table} would be changed.`, sections: [] },
    hasWork: plan.steps.length > 0,
    counts: { rowsCopied: 0, changesApplied: 0, rowsChecked: 0, repaired: 0 },
    detail,
  }
}

export function reportRun({ job }: Settings, result: MigrateResult): RunReport {
  const { strategy, phase, phaseMs, cutOverStallMs, estimate, actualSeconds, throttledMs, notes } = result
  return {
    report: {
      headline: `${job}: ${plural(result.counts.rowsCopied ?? 0, 'row')} copied.`,
      sections: [
        {
          type: 'bars',
          title: 'Where the time went',
          bars: Object.entries(phaseMs).map(([label, value]) => ({
            label,
            value,
            note: formatDuration(value),
          })),
        },
      ],
    },
    detail: { strategy, phase, phaseMs, cutOverStallMs, estimate, actualSeconds, throttledMs, notes },
    next: [],
  }
}

export function reportRows(_plan: MigratePlan, _result: MigrateResult): readonly ReportRow[] {
  return []
}
