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
  const live = sum(({ liveRows }) => liveRows)
  const archived = sum(({ archivedRows }) => archivedRows)
  return `${job}: ${plural(archived, 'row')} in ${options.into.table}, ${plural(live, 'row')} of ${options.table} old enough to follow.`
}

function monthsTable(title: string, months: readonly MonthStatus[]): TableSection {
  return {
    type: 'table',
    title,
    columns: [
      { name: 'month', align: 'left' },
      { name: 'still live', align: 'right' },
      { name: 'archived', align: 'right' },
      { name: 'size', align: 'right' },
      { name: 'where', align: 'left' },
      { name: 'proof', align: 'left' },
      { name: 'to know', align: 'left' },
    ],
    rows: months.map((status) => [
      status.month,
      describeCount(status, status.liveRows),
      describeCount(status, status.archivedRows),
      formatBytes(status.bytes),
      status.where.join(' and '),
      describeProof(status),
      notesOf(status).join('; '),
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
      return verifiedAt === undefined ? proof : `verified ${formatInstant(verifiedAt)}`
    case 'copied':
      return 'each row when it came'
    case 'unproven':
      return 'unproven'
    case 'nothing':
      return ''
  }
}

function notesOf({ pinnedAt, heldTable, heldUntil, exportFile }: MonthStatus): readonly string[] {
  return [
    ...(pinnedAt === undefined ? [] : [`pinned since ${formatInstant(pinnedAt)}`]),
    ...(heldUntil === undefined ? [] : [`in ${heldTable} until ${formatInstant(heldUntil)}`]),
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
  return lines.length === 0 ? [] : [{ type: 'lines', title: 'To know', lines }]
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
