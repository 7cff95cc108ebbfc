import { formatBytes, formatCount, formatDuration, formatPeriod, plural } from '../../src/lib/units.ts'
import type { JobSettings, PlanDescription, RunReport } from '../../src/run/job.ts'
import type { BarsSection, Section, TableSection } from '../../src/run/report.ts'
import type { ArchiveConfig } from './config.ts'
import { describeStep } from './describe-step.ts'
import type { ArchivePlan, Estimate, Kept } from './plan-model.ts'
import type { ArchiveResult, RotationEnd } from './result-model.ts'
import { findRebuildGain, sizeFacts } from './size.ts'

export function describePlan(settings: JobSettings<ArchiveConfig>, plan: ArchivePlan): PlanDescription {
  const rows = sumRows(plan.months)
  const { table, age, into } = settings.options
  const what = rows === 0 ? 'nothing to move' : `${plural(rows, 'row')} to move to ${into.table}`
  return {
    report: {
      headline: `${settings.job}: ${table}: ${what}.`,
      sections: [
        {
          type: 'facts',
          facts: [
            fact(`older than ${formatPeriod(age.olderThan)}`, `${age.column} < ${plan.cutoffLiteral}`),
            fact('as an instant', `${plan.cutoff}; months begin in ${plan.timeZone}`),
            fact('rows', `${formatCount(rows)} in ${plural(plan.months.length, 'month')}`),
            ...(plan.estimate === undefined ? [] : [fact('would take', describeEstimate(plan.estimate))]),
            ...(plan.binaryLogBytes === 0
              ? []
              : [fact('binary log', `about ${formatBytes(plan.binaryLogBytes)}`)]),
            ...planSizeFacts(plan),
          ],
        },
        monthBars('Rows to move, by month', plan.months),
        ...keptTable(plan.kept),
        linesOf('What a run does, in this order', plan.steps.map(describeStep)),
        ...optionalLines('To know', plan.notes),
        ...optionalLines('Statements', plan.statements),
      ],
    },
    hasWork: plan.steps.length > 0,
    counts: {
      eligible: rows,
      archived: 0,
      deleted: 0,
      kept: plan.kept.reduce((sum, kept) => sum + (kept.rows ?? 0), 0),
      months: plan.months.length,
      partitionsCreated: 0,
      partitionsDropped: 0,
    },
    detail: {
      cutoff: plan.cutoff,
      cutoffLiteral: plan.cutoffLiteral,
      timeZone: plan.timeZone,
      months: plan.months,
      kept: plan.kept,
      steps: plan.steps,
      estimate: plan.estimate,
      binaryLogBytes: plan.binaryLogBytes,
      size: plan.size,
      notes: plan.notes,
    },
  }
}

export function reportRun(settings: JobSettings<ArchiveConfig>, result: ArchiveResult): RunReport {
  const { counts, months, size } = result
  const moved = movedIn(result)
  const archived = counts.archived ?? 0
  const gain = size === undefined ? undefined : findRebuildGain(size.after)
  return {
    report: {
      headline: `${settings.job}: ${plural(archived, 'row')} of ${settings.options.table} archived, proven and deleted.`,
      sections: [
        {
          type: 'facts',
          facts: [
            fact('rows', `${formatCount(archived)} in ${plural(Object.keys(months).length, 'month')}`),
            ...(moved.rows === 0 ? [] : [fact('rate', describeRate(moved))]),
            ...(result.throttledMs === 0
              ? []
              : [fact('waited for the server', formatDuration(result.throttledMs))]),
            ...(size === undefined ? [] : sizeFacts(size)),
          ],
        },
        monthBars(
          'Rows archived, by month',
          Object.entries(months)
            .toSorted(([left], [right]) => left.localeCompare(right))
            .map(([month, { rows }]) => ({ month, rows })),
        ),
        ...rotationTable(result.rotations),
        ...optionalLines('Left over', result.leftReasons),
      ],
    },
    detail: {
      months,
      moved,
      rotations: result.rotations,
      leftReasons: result.leftReasons,
      throttledMs: result.throttledMs,
      size,
    },
    next: [
      ...(result.leftReasons.length === 0 ? [] : [`rowkeeper run ${settings.job}`]),
      ...(gain === undefined ? [] : [`rowkeeper archive rebuild ${settings.job}`]),
    ],
  }
}

function fact(label: string, value: string) {
  return { label, value }
}

function sumRows(months: readonly { readonly rows: number }[]): number {
  return months.reduce((sum, { rows }) => sum + rows, 0)
}

function describeEstimate({ lowSeconds, highSeconds, basis }: Estimate): string {
  const range = `${formatDuration(lowSeconds * 1000)} to ${formatDuration(highSeconds * 1000)}`
  return basis === 'earlier runs'
    ? `${range}, as earlier runs went`
    : `${range}: a wide guess, since no run has been measured here yet`
}

interface Moved {
  readonly rows: number
  readonly milliseconds: number
}

/** What batches moved: an exchange says nothing about rows per second. */
function movedIn({ months }: ArchiveResult): Moved {
  const batches = Object.values(months).filter(({ how }) => how === 'batches')
  return {
    rows: sumRows(batches),
    milliseconds: Math.round(batches.reduce((sum, { milliseconds }) => sum + milliseconds, 0)),
  }
}

function describeRate({ rows, milliseconds }: Moved): string {
  return `${formatCount((rows / Math.max(milliseconds, 1)) * 1000)} rows/s in ${formatDuration(milliseconds)} of batches`
}

function planSizeFacts({ size }: ArchivePlan) {
  if (size === undefined) return []
  const of = ({ dataBytes, indexBytes }: { dataBytes: number; indexBytes: number }) =>
    formatBytes(dataBytes + indexBytes)
  return [
    fact('live table now', `${of(size.source)}, of it free inside ${formatBytes(size.source.freeBytes)}`),
    ...(size.target === undefined ? [] : [fact('archive table now', of(size.target))]),
  ]
}

function monthBars(
  title: string,
  months: readonly { readonly month: string; readonly rows: number }[],
): BarsSection {
  return {
    type: 'bars',
    title,
    bars: months.map(({ month, rows }) => ({ label: month, value: rows, note: formatCount(rows) })),
  }
}

function keptTable(kept: readonly Kept[]): readonly TableSection[] {
  if (kept.length === 0) return []
  return [
    {
      type: 'table',
      title: 'What stays',
      columns: [
        { name: 'because', align: 'left' },
        { name: 'rows', align: 'right' },
      ],
      rows: kept.map(({ reason, rows }) => [reason, rows === undefined ? '' : formatCount(rows)]),
    },
  ]
}

const endings: Readonly<Record<RotationEnd['ending'], string>> = {
  held: 'taken out, held',
  dropped: 'dropped',
  notTaken: 'not taken out',
}

function rotationTable(rotations: readonly RotationEnd[]): readonly TableSection[] {
  if (rotations.length === 0) return []
  return [
    {
      type: 'table',
      title: 'Months of the archive table whose time was over',
      columns: [
        { name: 'month', align: 'left' },
        { name: 'what became of it', align: 'left' },
        { name: 'rows', align: 'right' },
        { name: 'because', align: 'left' },
      ],
      rows: rotations.map(({ month, ending, rows, text }) => [
        month,
        endings[ending],
        formatCount(rows),
        text,
      ]),
    },
  ]
}

function linesOf(title: string, lines: readonly string[]): Section {
  return { type: 'lines', title, lines: lines.length === 0 ? ['Nothing.'] : lines }
}

function optionalLines(title: string, lines: readonly string[]): readonly Section[] {
  return lines.length === 0 ? [] : [{ type: 'lines', title, lines }]
}
