import { formatBytes, formatCount, plural } from '../../../../src/lib/units.ts'
import type { Control } from '../../../../src/run/context.ts'
import type { Report, Section, TableSection } from '../../../../src/run/report.ts'
import type { MonthPartition } from '../../partitions/partition-map.ts'
import { command, type Settings } from '../input.ts'
import type { MonthStatus, TableMonths } from './month-status.ts'

export function monthsReport(
  settings: Settings,
  tables: readonly TableMonths[],
  control: Pick<Control, 'isInstalled' | 'installCommand'>,
): { readonly report: Report; readonly next: readonly string[] } {
  const [own, ...children] = tables
  const months = own?.months ?? []
  return {
    report: {
      headline: headlineOf(settings, months),
      sections: [
        {
          type: 'bars',
          title: 'Rows, by month',
          bars: months.map((status) => ({
            label: status.month,
            value: status.liveRows + status.archivedRows,
            note: status.where.join(' and '),
          })),
        },
        monthsTable(`Months of ${settings.options.table} and ${settings.options.into.table}`, months),
        ...children.map(({ table, months: ofChild }) => monthsTable(`Months of ${table}`, ofChild)),
        ...toKnow(tables, control),
      ],
    },
    next: [...(control.isInstalled ? [] : [control.installCommand]), ...commandsAfter(settings, tables)],
  }
}

function headlineOf({ job, options }: Settings, months: readonly MonthStatus[]): string {
  const sum = (of: (status: MonthStatus) => number) => months.reduce((total, month) => total + of(month), 0)
  const isHeld = ({ where }: MonthStatus) => where.includes('held')
  const live = sum(({ liveRows }) => liveRows)
  const held = sum((status) => (isHeld(status) ? status.archivedRows : 0))
  const archived = sum(({ archivedRows }) => archivedRows) - held
  const parts = [
    `${plural(archived, 'row')} in ${options.into.table}`,
    ...(held === 0 ? [] : [`${formatCount(held)} held`]),
    `${plural(live, 'row')} of ${options.table} old enough to follow`,
  ]
  return `${job}: ${parts.join(', ')}.`
}

/** Narrow enough for a terminal of 80 columns, unless there is something to know. */
function monthsTable(title: string, months: readonly MonthStatus[]): TableSection {
  const notes = months.map((status) => notesOf(status).join('; '))
  const isNotable = notes.some((note) => note !== '')
  return {
    type: 'table',
    title,
    columns: [
      { name: 'month', align: 'left' },
      { name: 'still live', align: 'right' },
      { name: 'archived', align: 'right' },
      { name: 'size', align: 'right' },
      { name: 'last proven', align: 'left' },
      ...(isNotable ? [{ name: 'to know', align: 'left' } as const] : []),
    ],
    rows: months.map((status, index) => [
      status.month,
      describeCount(status, status.liveRows),
      describeCount(status, status.archivedRows),
      formatBytes(status.bytes),
      describeProof(status),
      ...(isNotable ? [notes[index] ?? ''] : []),
    ]),
    empty: 'There is no month with rows.',
  }
}

function describeCount({ counted }: MonthStatus, rows: number): string {
  return counted === 'estimated' && rows > 0 ? `about ${formatCount(rows)}` : formatCount(rows)
}

function describeProof({ proof, verifiedAt }: MonthStatus): string {
  switch (proof) {
    case 'verified':
      return verifiedAt === undefined ? proof : formatInstant(verifiedAt)
    case 'copied':
      return 'as its rows came'
    case 'unproven':
      return 'unproven'
    case 'nothing':
      return ''
  }
}

function notesOf({ where, pinnedAt, heldTable, heldUntil, exportFile }: MonthStatus): readonly string[] {
  return [
    ...where.filter((place) => place === 'dropped' || place === 'under way'),
    ...(pinnedAt === undefined ? [] : [`pinned since ${formatInstant(pinnedAt)}`]),
    ...(heldUntil === undefined ? [] : [`held in ${heldTable} until ${formatInstant(heldUntil)}`]),
    ...(exportFile === undefined ? [] : [`exported to ${exportFile}`]),
  ]
}

/** ISO text in UTC, to the minute. */
export function formatInstant(instant: string): string {
  return `${instant.slice(0, 16).replace('T', ' ')} UTC`
}

function toKnow(
  tables: readonly TableMonths[],
  { isInstalled }: Pick<Control, 'isInstalled'>,
): readonly Section[] {
  const lines = [
    ...(isInstalled
      ? []
      : [
          "rowkeeper's own tables are missing or of an older version: nothing is known of proofs, pins and holds.",
        ]),
    ...tables.flatMap(({ table, odd }) => odd.map((partition) => describeOdd(table, partition))),
  ]
  return lines.length === 0 ? [] : [{ type: 'list', title: 'To know', order: 'any', items: lines }]
}

function describeOdd(table: string, { name, covers, estimatedRows }: MonthPartition): string {
  const rows = `about ${plural(estimatedRows, 'row')}`
  const places: Record<MonthPartition['covers'], string> = {
    month: 'is one month',
    'part of a month': 'is a part of a month',
    'several months': 'spans several months',
    before: 'lies before all time',
    maxvalue: 'lies behind the last month',
  }
  return `${table}: partition ${name} ${places[covers]} and holds ${rows}; it is proven by no command.`
}

function commandsAfter(settings: Settings, tables: readonly TableMonths[]): readonly string[] {
  const months = tables.flatMap((table) => table.months)
  const isUnproven = months.some(({ proof }) => proof === 'unproven')
  const pinned = tables[0]?.months.find(({ pinnedAt }) => pinnedAt !== undefined)
  return [
    ...(isUnproven ? [command('verify', settings)] : []),
    ...(pinned === undefined ? [] : [command('release', settings, pinned.month)]),
  ]
}
