import { unreachable } from '../../../../src/lib/errors.ts'
import type { PlanContext } from '../../../../src/run/context.ts'
import { type LedgerMonth, readMonths } from '../../ledger/months.ts'
import type { Key } from '../../move/sql.ts'
import type { Month } from '../../partitions/months.ts'
import { listPairs } from '../../partitions/pairs.ts'
import { planPlace } from '../../place.ts'
import type { Tables } from '../../tables.ts'
import { noSuchMonth, type Settings } from '../input.ts'
import { judgeMonth } from '../verify/judge-month.ts'
import { readMonth } from '../verify/read-month.ts'
import { refuseOtherColumns } from './check-columns.ts'
import { findRow } from './find-row.ts'
import { type Inspection, inspectRows } from './inspect.ts'
import { alreadyBack, isDropped, isUnderWay, monthDiffers } from './month-errors.ts'
import { type RestoredTable, readRestoredTables } from './restored-table.ts'

/** What an operator asked for. */
export type Wanted =
  | { readonly type: 'month'; readonly month: Month }
  /** Values of the live table's key, with commas between them. */
  | { readonly type: 'row'; readonly key: string }

/** What is to be done for it, found out by reading alone. */
export type Survey =
  /** Out of the held table, at once. */
  { readonly type: 'bringBack'; readonly ledger: LedgerMonth } | RestoreSurvey

export interface RestoreSurvey {
  readonly type: 'restore'
  readonly month: Month
  /** Only these rows, by the columns that tell rows of the archive table apart; undefined for the whole month. */
  readonly keys: readonly Key[] | undefined
  readonly tables: readonly RestoredTable[]
  readonly inspection: Inspection
  /** Archive tables whose rows nobody proved; they are brought back as they are. */
  readonly unproven: readonly string[]
}

export function surveyRestore(
  context: PlanContext,
  settings: Settings,
  tables: Tables,
  wanted: Wanted,
): Promise<Survey> {
  refuseOtherColumns(tables)
  switch (wanted.type) {
    case 'month':
      return surveyMonth(context, settings, tables, wanted.month)
    case 'row':
      return surveyRow(context, settings, tables, wanted.key)
    default:
      return unreachable(wanted)
  }
}

async function surveyMonth(
  context: PlanContext,
  settings: Settings,
  tables: Tables,
  month: Month,
): Promise<Survey> {
  const ledger = await readLedger(context, tables, month)
  if (ledger?.state === 'held') return { type: 'bringBack', ledger }
  refuseUnderWay(ledger, settings)
  const restored = await readRestoredTables(context, tables, month)
  const unproven = await listUnproven(context, settings, tables, month)
  const inspection = await inspectRows(context, restored, undefined)
  const isEmpty = inspection.tables.every(({ rows }) => rows === 0)
  if (isEmpty) throw nothingThere(settings, month, ledger)
  return { type: 'restore', month, keys: undefined, tables: restored, inspection, unproven }
}

async function readLedger(
  context: PlanContext,
  { target }: Tables,
  month: Month,
): Promise<LedgerMonth | undefined> {
  const { read, control } = planPlace(context)
  return (await read((session) => readMonths(session, control, target.name))).get(month)
}

function refuseUnderWay(ledger: LedgerMonth | undefined, settings: Settings): void {
  if (ledger?.state === 'exchanging' || ledger?.state === 'rotating') {
    throw isUnderWay(ledger.month, settings)
  }
}

function nothingThere(settings: Settings, month: Month, ledger: LedgerMonth | undefined) {
  if (ledger?.state === 'dropped') return isDropped(ledger, settings)
  if (ledger?.pinnedAt !== undefined) return alreadyBack(month, settings)
  return noSuchMonth(month, settings.options.into.table, settings)
}

/** A month that does not hold what it must hold is not brought back before somebody has looked at it. */
async function listUnproven(
  context: PlanContext,
  settings: Settings,
  { zone, ...tables }: Tables,
  month: Month,
): Promise<readonly string[]> {
  const unproven: string[] = []
  for (const pair of listPairs({ zone, ...tables })) {
    const read = await readMonth(context, { pair, month, zone })
    const judgement = read === 'changing' ? undefined : judgeMonth(read)
    const { table } = pair.target.name
    if (judgement?.verdict === 'differs') throw monthDiffers(table, month, judgement.because, settings)
    if (judgement?.verdict === 'unproven') unproven.push(`${table}: ${judgement.because}`)
  }
  return unproven
}

async function surveyRow(
  context: PlanContext,
  settings: Settings,
  tables: Tables,
  text: string,
): Promise<Survey> {
  const { month, key } = await findRow(context, settings, tables, text)
  refuseUnderWay(await readLedger(context, tables, month), settings)
  const restored = await readRestoredTables(context, tables, month)
  const inspection = await inspectRows(context, restored, [key])
  return { type: 'restore', month, keys: [key], tables: restored, inspection, unproven: [] }
}
