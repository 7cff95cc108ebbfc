import type { ReportRow } from '../../src/run/report.ts'
import type { ArchivePlan } from './plan-model.ts'
import type { ArchiveResult } from './result-model.ts'

/** One line for every month: planned, or done. */
export function reportRows(plan: ArchivePlan, result: ArchiveResult): readonly ReportRow[] {
  const planned = new Map(plan.months.map((month) => [month.month, month]))
  const rotated = new Map(result.rotations.map((rotation) => [rotation.month, rotation]))
  const months = [
    ...new Set([...planned.keys(), ...Object.keys(result.months), ...rotated.keys()]),
  ].toSorted()
  return months.map((month): ReportRow => {
    const done = result.months[month]
    const rotation = rotated.get(month)
    return {
      month: { text: month },
      plannedRows: countOf(planned.get(month)?.rows),
      plannedBytes: countOf(planned.get(month)?.bytes),
      archivedRows: countOf(done?.rows ?? 0),
      batches: countOf(done?.batches ?? 0),
      milliseconds: countOf(done === undefined ? 0 : Math.round(done.milliseconds)),
      how: { text: done?.how ?? planned.get(month)?.how ?? '' },
      rotation: rotation === undefined ? null : { text: rotation.ending },
      note: rotation === undefined ? null : { text: rotation.text },
    }
  })
}

function countOf(count: number | undefined) {
  return count === undefined ? null : { count }
}
