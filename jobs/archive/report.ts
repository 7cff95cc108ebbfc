import { formatBytes, formatCount, formatDuration, formatPeriod, plural } from '../../src/lib/units.ts'
import type { JobSettings, PlanDescription, RunReport } from '../../src/run/job.ts'
import type { Section, TableSection } from '../../src/run/report.ts'
import type { ArchiveConfig } from './config.ts'
import type { ArchivePlan, Estimate, Kept } from './plan-model.ts'
import { describeRange, describeSteps, type StepWords } from './report/describe-step.ts'
import { planHeadline, rowsOf, runHeadline, sumRows } from './report/headline.ts'
import { listMonths, planBars, runBars } from './report/month-bars.ts'
import { statementLines } from './report/statement-lines.ts'
import type { ArchiveResult, RotationEnd } from './result-model.ts'
import { findRebuildGain, sizeFacts, used } from './size.ts'

export function describePlan(settings: JobSettings<ArchiveConfig>, plan: ArchivePlan): PlanDescription {
  const { asOf: _, children, statements, ...detail } = plan
  const rows = sumRows(plan.months)
  return {
    report: {
      headline: planHeadline(settings, plan),
      sections: [
        { type: 'facts', facts: planFacts(settings, plan) },
        ...planBars(plan),
        ...keptTable(plan.kept),
        stepList(describeSteps(plan, wordsOf(settings))),
        ...optionalList('To know', plan.notes),
        ...optionalLines('Statements, with ? for values', statementLines(statements)),
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
    detail: { ...detail, children, statements },
  }
}

function wordsOf({ options, destination }: JobSettings<ArchiveConfig>): StepWords {
  return { hold: options.into.hold, destination: destination?.name }
}

function planFacts({ options }: JobSettings<ArchiveConfig>, plan: ArchivePlan) {
  const { months, children, estimate, binaryLogBytes, size } = plan
  return [
    fact(
      `older than ${formatPeriod(options.age.olderThan)}`,
      `${options.age.column} < ${plan.cutoffLiteral}, which is ${plan.cutoff.replace(/\.\d+Z$/, 'Z')}`,
    ),
    fact('months begin', `at midnight in ${plan.timeZone}`),
    ...(months.length === 0 ? [] : [fact('in all', `${rowsOf(months)} in ${monthsOf(months)}`)]),
    ...(months.length === 0 ? [] : children).map(({ table, rows }) =>
      fact(`with them, of ${table}`, `about ${plural(rows, 'row')}`),
    ),
    ...(estimate === undefined ? [] : [fact('would take', describeEstimate(estimate))]),
    ...(binaryLogBytes === 0 ? [] : [fact('binary log', `grows by about ${formatBytes(binaryLogBytes)}`)]),
    ...(size === undefined
      ? []
      : [
          fact(
            `${options.table} now`,
            `${formatBytes(used(size.source))}, and ${formatBytes(size.source.freeBytes)} free in its file`,
          ),
        ]),
    ...(size?.target === undefined
      ? []
      : [fact(`${options.into.table} now`, formatBytes(used(size.target)))]),
  ]
}

export function reportRun(settings: JobSettings<ArchiveConfig>, result: ArchiveResult): RunReport {
  const { children, months, rotations, leftReasons, throttledMs, size } = result
  const gain = size === undefined ? undefined : findRebuildGain(size.after)
  return {
    report: {
      headline: runHeadline(settings, result),
      sections: [
        { type: 'facts', facts: runFacts(settings, result) },
        ...runBars(months),
        ...rotationTable(rotations),
        ...optionalList('Left over', leftReasons),
      ],
    },
    detail: { months, children, moved: movedIn(result), rotations, leftReasons, throttledMs, size },
    next: [
      ...(leftReasons.length === 0 ? [] : [`rowkeeper run ${settings.job}`]),
      ...(gain === undefined ? [] : [`rowkeeper archive rebuild ${settings.job}`]),
    ],
  }
}

function runFacts({ options }: JobSettings<ArchiveConfig>, result: ArchiveResult) {
  const { children, months, throttledMs, size } = result
  const moved = movedIn(result)
  const done = listMonths(months)
  return [
    ...(done.length === 0 ? [] : [fact('in all', `${plural(sumRows(done), 'row')} in ${monthsOf(done)}`)]),
    ...Object.entries(children).map(([table, rows]) => fact(`with them, of ${table}`, plural(rows, 'row'))),
    ...(moved.rows === 0 ? [] : [fact('rate', describeRate(moved))]),
    ...(throttledMs === 0 ? [] : [fact('waited for the server', formatDuration(throttledMs))]),
    ...(size === undefined || done.length === 0 ? [] : sizeFacts(options.table, size)),
  ]
}

function fact(label: string, value: string) {
  return { label, value }
}

/** `18 months, 2024-05 to 2025-10`. */
function monthsOf(months: readonly { readonly month: string }[]): string {
  const names = months.map(({ month }) => month)
  return `${plural(names.length, 'month')}, ${describeRange(names)}`
}

function describeEstimate({ lowSeconds, highSeconds, basis }: Estimate): string {
  if (highSeconds < 1) return 'less than a second'
  const [low, high] = [formatDuration(lowSeconds * 1000), formatDuration(highSeconds * 1000)]
  const range = low === high ? `about ${low}` : `${low} to ${high}`
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
      rows: kept.map(({ reason, rows }) => [reason, rows === undefined ? 'not counted' : formatCount(rows)]),
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

function stepList(items: readonly string[]): Section {
  const title = 'What a run does, in this order'
  return items.length === 0
    ? { type: 'lines', title, lines: ['nothing'] }
    : { type: 'list', title, order: 'numbered', items }
}

function optionalList(title: string, items: readonly string[]): readonly Section[] {
  return items.length === 0 ? [] : [{ type: 'list', title, order: 'any', items }]
}

function optionalLines(title: string, lines: readonly string[]): readonly Section[] {
  return lines.length === 0 ? [] : [{ type: 'lines', title, lines }]
}
