import type { RowkeeperError } from '../../../../src/lib/errors.ts'
import { formatCount, formatDuration, plural } from '../../../../src/lib/units.ts'
import type { VerbResult } from '../../../../src/run/job.ts'
import type { Section } from '../../../../src/run/report.ts'
import type { LedgerMonth } from '../../ledger/months.ts'
import type { Estimate } from '../../plan-model.ts'
import type { BroughtBack } from '../../rotate/bring-back.ts'
import { command, type Settings } from '../input.ts'
import { refusalOf } from './refusal.ts'
import type { Restored } from './restore-tally.ts'
import type { RestoreSurvey } from './survey.ts'

/** What a restore would do. It ends as the restore itself would where that is refused. */
export function previewOf(
  settings: Settings,
  survey: RestoreSurvey,
  estimate: Estimate | undefined,
): VerbResult {
  const { tables } = survey.inspection
  const [rows = 0, ...ofChildren] = tables.map((table) => table.rows)
  const error = refusalOf(survey)
  return {
    report: {
      headline: `${settings.job}: ${describeRows(rows, sum(ofChildren))} would be restored to ${settings.options.table}.`,
      sections: [
        inspectionTable(survey),
        ...lines('Would take', estimate === undefined ? [] : [describeEstimate(estimate)]),
        ...toKnow(settings, survey),
      ],
    },
    detail: { ...detailOf(survey), estimate: estimate ?? null },
    next: [],
    counts: { restored: 0, children: 0, present: sum(tables.map(({ equal }) => equal)) },
    changed: 0,
    leftOver: 0,
    ...(error === undefined ? {} : { error }),
  }
}

/** `error`: what ended it before its end. */
export function restoredResult(
  settings: Settings,
  survey: RestoreSurvey,
  restored: Restored,
  error?: RowkeeperError,
): VerbResult {
  const { rows, children, present, inBoth, left } = restored
  const said =
    rows === 0
      ? `nothing of ${survey.month} was restored`
      : `${describeRows(rows, children)} of ${survey.month} restored to ${settings.options.table}, proven and removed from the archive`
  return {
    report: {
      headline: `${settings.job}: ${said}.`,
      sections: [
        ...lines(
          'Left in the archive',
          left.map((part) => `${formatCount(part.rows)} ${part.reason}`),
        ),
        ...lines(
          'Cut short',
          inBoth === 0
            ? []
            : [
                `${plural(inBoth, 'row')} came back and still stand in the archive too; restore again to finish.`,
              ],
        ),
        ...toKnow(settings, survey),
      ],
    },
    detail: { ...detailOf(survey), restored },
    next: commandsAfter(settings, survey, restored, error),
    counts: { restored: rows, children, present },
    changed: rows + children + inBoth,
    leftOver: sum(left.map((part) => part.rows)),
    ...(error === undefined ? {} : { error }),
  }
}

/** Of a month that was held and is in the archive table again. */
export function broughtBackResult(
  settings: Settings,
  { month }: LedgerMonth,
  back: BroughtBack | undefined,
): VerbResult {
  const { table, into } = settings.options
  const rows = Number(back?.rows ?? 0)
  const unproven = back?.isProven === false
  const proof = `It does not hold what it must hold: ${command('verify', settings, month)}`
  return {
    report: {
      headline: `${settings.job}: ${month} (${plural(rows, 'row')}) is in ${into.table} again, and stays there until it is released.`,
      sections: lines('To know', [
        `To move it on to ${table}, restore it once more.`,
        ...(unproven ? [proof] : []),
      ]),
    },
    detail: { month, broughtBack: rows, isProven: !unproven },
    next: [command('restore', settings, month), command('release', settings, month)],
    counts: { restored: 0, children: 0, present: 0 },
    changed: rows,
    leftOver: unproven ? 1 : 0,
  }
}

export function wouldBringBack(settings: Settings, { month, heldTable, digest }: LedgerMonth): VerbResult {
  const rows = plural(Number(digest.rows), 'row')
  const { table, into } = settings.options
  return {
    report: {
      headline: `${settings.job}: ${month} (${rows}) would be put back from ${heldTable} into ${into.table} at once.`,
      sections: lines('To know', [`To move it on to ${table}, restore it once more after that.`]),
    },
    detail: { month, heldTable: heldTable ?? null },
    next: [],
    counts: { restored: 0, children: 0, present: 0 },
    changed: 0,
    leftOver: 0,
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}

function describeRows(rows: number, children: number): string {
  const own = plural(rows, 'row')
  return children === 0 ? own : `${own} with ${plural(children, 'row')} of children`
}

function describeEstimate({ lowSeconds, highSeconds, basis }: Estimate): string {
  if (highSeconds < 1) return 'less than a second'
  const range = `${formatDuration(lowSeconds * 1000)} to ${formatDuration(highSeconds * 1000)}`
  return basis === 'a guess' ? `${range}: a wide guess` : `${range}, as fast as earlier runs moved rows`
}

function inspectionTable({ inspection }: RestoreSurvey): Section {
  return {
    type: 'table',
    title: 'What would come back',
    columns: [
      { name: 'to', align: 'left' },
      { name: 'from', align: 'left' },
      { name: 'rows', align: 'right' },
      { name: 'there already, equal', align: 'right' },
      { name: 'key taken', align: 'right' },
    ],
    rows: inspection.tables.map(({ table, archive, rows, equal, other }) => [
      table,
      archive,
      formatCount(rows),
      formatCount(equal),
      formatCount(other.keys),
    ]),
  }
}

function toKnow(settings: Settings, { inspection, unproven, keys }: RestoreSurvey): readonly Section[] {
  const triggers = inspection.tables.flatMap(({ table, triggers }) =>
    triggers.map(({ name, timing, event }) =>
      timing === 'BEFORE'
        ? `${table}: ${name} (${timing} ${event}) fires; what it changes is written once more from the archive.`
        : `${table}: ${name} (${timing} ${event}) fires for every row that comes back.`,
    ),
  )
  return lines('To know', [
    ...unproven.map((reason) => `${reason}; its rows come back as they are.`),
    ...triggers,
    ...(keys === undefined
      ? []
      : [`The next run of ${settings.job} archives the row again. Only whole months are kept back.`]),
  ])
}

function detailOf({ month, keys, inspection, unproven }: RestoreSurvey) {
  return {
    month,
    what: keys === undefined ? 'month' : 'row',
    tables: inspection.tables.map(({ triggers, ...table }) => ({
      ...table,
      triggers: triggers.map(({ name }) => name),
    })),
    missingParents: inspection.missingParents,
    unproven,
  }
}

function commandsAfter(
  settings: Settings,
  { month, keys }: RestoreSurvey,
  { rows, inBoth }: Restored,
  error: RowkeeperError | undefined,
): readonly string[] {
  if (keys !== undefined) return []
  const isCutShort = error !== undefined && rows + inBoth > 0
  return [
    ...(isCutShort ? [command('restore', settings, month)] : []),
    ...(rows + inBoth > 0 ? [command('release', settings, month)] : []),
  ]
}

function lines(title: string, texts: readonly string[]): readonly Section[] {
  return texts.length === 0 ? [] : [{ type: 'lines', title, lines: texts }]
}
