import { readSpace } from '../../../../src/db/space.ts'
import { asRowkeeperError } from '../../../../src/lib/errors.ts'
import type { ExecuteContext, PlanContext } from '../../../../src/run/context.ts'
import type { VerbInput, VerbResult } from '../../../../src/run/job.ts'
import { createThrottle } from '../../../../src/run/throttle.ts'
import { estimateMove } from '../../estimate.ts'
import type { LedgerMonth } from '../../ledger/months.ts'
import { archivePlace } from '../../place.ts'
import { bringBack } from '../../rotate/bring-back.ts'
import { readTables, type Tables } from '../../tables.ts'
import { readMonth, type Settings } from '../input.ts'
import { wantedNothing } from './month-errors.ts'
import { refusalOf } from './refusal.ts'
import { restoreMonth, restoreRows } from './restore-month.ts'
import { broughtBackResult, previewOf, restoredResult, wouldBringBack } from './restore-result.ts'
import { createTally, nothingRestored } from './restore-tally.ts'
import { settleRestored } from './settle-restored.ts'
import { type RestoreSurvey, surveyRestore, type Wanted } from './survey.ts'

/** Brings rows of the archive back to the live table, or a held month back to the archive table. */
export async function restoreArchive(
  context: ExecuteContext,
  settings: Settings,
  input: VerbInput,
): Promise<VerbResult> {
  const wanted = readWanted(settings, input)
  const tables = await readTables(context, settings)
  await settleRestored(context, tables)
  const survey = await surveyRestore(context, settings, tables, wanted)
  const { actor } = input
  return survey.type === 'bringBack'
    ? bringMonthBack(context, settings, { tables, ledger: survey.ledger, actor })
    : restoreSurveyed(context, settings, { survey, jobTables: tables, actor })
}

/** What that would bring, meet and take, without doing it. */
export async function previewRestore(
  context: PlanContext,
  settings: Settings,
  input: VerbInput,
): Promise<VerbResult> {
  const wanted = readWanted(settings, input)
  const tables = await readTables(context, settings)
  const survey = await surveyRestore(context, settings, tables, wanted)
  if (survey.type === 'bringBack') return wouldBringBack(settings, survey.ledger)
  const rows = survey.inspection.tables.reduce((sum, table) => sum + table.rows, 0)
  return previewOf(settings, survey, await estimateMove({ context }, rows))
}

function readWanted(settings: Settings, input: VerbInput): Wanted {
  const month = readMonth(input)
  const { key } = input.options
  if (month !== undefined && key === undefined) return { type: 'month', month }
  if (month === undefined && key !== undefined) return { type: 'row', key }
  throw wantedNothing(settings)
}

async function bringMonthBack(
  context: ExecuteContext,
  settings: Settings,
  held: { readonly tables: Tables; readonly ledger: LedgerMonth; readonly actor: string },
): Promise<VerbResult> {
  const { tables, ledger, actor } = held
  const pace = createThrottle(context, settings.options.throttle, 'moving rows')
  const back = await bringBack({ context, settings, tables, pace }, ledger.month, actor)
  return broughtBackResult(settings, ledger, back)
}

async function restoreSurveyed(
  context: ExecuteContext,
  settings: Settings,
  {
    survey,
    jobTables,
    actor,
  }: { readonly survey: RestoreSurvey; readonly jobTables: Tables; readonly actor: string },
): Promise<VerbResult> {
  const refusal = refusalOf(survey)
  if (refusal !== undefined) return restoredResult(settings, survey, nothingRestored, refusal)
  const tally = createTally()
  const { month, tables, inspection, keys } = survey
  const rows = inspection.tables[0]?.rows ?? 0
  const averageRowBytes = await readRowBytes(context, survey)
  const pace = createThrottle(context, settings.options.throttle, 'moving rows')
  const scene = { context, settings, month, tables, jobTables, pace, tally, actor, rows, averageRowBytes }
  try {
    await (keys === undefined ? restoreMonth(scene) : restoreRows(scene, keys))
    return restoredResult(settings, survey, tally.soFar)
  } catch (thrown) {
    return restoredResult(settings, survey, tally.soFar, asRowkeeperError(thrown))
  }
}

/** Of a row with its children, as the archive tables have them. */
async function readRowBytes(context: ExecuteContext, { tables, inspection }: RestoreSurvey): Promise<number> {
  const { read } = archivePlace(context)
  let bytes = 0
  for (const [index, { month }] of tables.entries()) {
    const { averageRowBytes } = await read((session) => readSpace(session, month.archive))
    bytes += averageRowBytes * (inspection.tables[index]?.rows ?? 0)
  }
  return bytes / Math.max(1, inspection.tables[0]?.rows ?? 0)
}
