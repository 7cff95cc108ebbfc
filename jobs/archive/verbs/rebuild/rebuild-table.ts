import { readSpace } from '../../../../src/db/space.ts'
import type { TableName } from '../../../../src/db/statement.ts'
import { exitCodes, RowkeeperError } from '../../../../src/lib/errors.ts'
import { formatBytes } from '../../../../src/lib/units.ts'
import type { ExecuteContext, PlanContext } from '../../../../src/run/context.ts'
import type { VerbInput, VerbResult } from '../../../../src/run/job.ts'
import { archivePlace, planPlace } from '../../place.ts'
import type { Size } from '../../plan-model.ts'
import { findRebuildGain, reclaimable, sizeFacts, used } from '../../size.ts'
import { readTables } from '../../tables.ts'
import type { Settings } from '../input.ts'
import { explainRefusal } from './explain-refusal.ts'
import { rebuild } from './sql.ts'

/** Writes a table anew through the server, so that unused space of its file goes back to the system. No row is changed. */
export async function rebuildTable(
  context: ExecuteContext,
  settings: Settings,
  input: VerbInput,
): Promise<VerbResult> {
  const asked = await readRebuild(context, settings, input)
  if (asked.refusal !== undefined) return previewOf(settings, asked)
  const { table, before, which } = asked
  const progress = { step: `rebuilding ${table.table}`, total: 1, unit: 'table' }
  const { define, read } = which === 'archive' ? archivePlace(context) : context
  context.emit({ type: 'stepStarted', ...progress })
  await define(progress.step, (session) => session.change(rebuild(table)), { tables: [table] }).catch(
    (error) => {
      throw explainRefusal(table, error)
    },
  )
  context.emit({ type: 'stepFinished', ...progress, done: 1 })
  const after = await read((session) => readSpace(session, table))
  return {
    report: {
      headline: `${settings.job}: ${table.table} is rebuilt.`,
      sections: [{ type: 'facts', facts: sizeFacts(table.table, { before, after }) }],
    },
    detail: { table: table.table, before, after },
    next: [],
    counts: {},
    changed: 1,
    leftOver: 0,
  }
}

export async function previewRebuild(
  context: PlanContext,
  settings: Settings,
  input: VerbInput,
): Promise<VerbResult> {
  return previewOf(settings, await readRebuild(context, settings, input))
}

interface Rebuild {
  readonly table: TableName
  readonly which: 'live' | 'archive'
  readonly before: Size
  /** Why it is not done; undefined when it is. */
  readonly refusal: RowkeeperError | undefined
}

async function readRebuild(
  context: PlanContext,
  settings: Settings,
  { options }: VerbInput,
): Promise<Rebuild> {
  const { source, target } = await readTables(context, settings)
  const which = options.archive === undefined ? 'live' : 'archive'
  const table = which === 'live' ? source.table.name : target.name
  if (which === 'archive' && target.table === undefined) throw noTable(table)
  const { read } = which === 'archive' ? planPlace(context) : context
  const before = await read((session) => readSpace(session, table))
  const isWorthIt = options.force !== undefined || findRebuildGain(before) !== undefined
  return { table, which, before, refusal: isWorthIt ? undefined : notWorthIt(table, before) }
}

function previewOf(settings: Settings, { table, before, refusal }: Rebuild): VerbResult {
  const { table: name } = table
  const size = used(before)
  return {
    report: {
      headline: `${settings.job}: rebuilding ${name} would give at least ${formatBytes(reclaimable(before))} back to the system.`,
      sections: [
        {
          type: 'facts',
          facts: [
            { label: `size of ${name}`, value: formatBytes(size) },
            { label: 'free inside', value: `${formatBytes(before.freeBytes)}, or more` },
            ...(before.fileBytes === undefined
              ? []
              : [{ label: 'its file', value: formatBytes(before.fileBytes) }]),
            { label: 'needs meanwhile', value: `about ${formatBytes(size)} more on the disk of the server` },
          ],
        },
      ],
    },
    detail: { table: name, before, reclaimableBytes: reclaimable(before) },
    next: [],
    counts: {},
    changed: 0,
    leftOver: 0,
    ...(refusal === undefined ? {} : { error: refusal }),
  }
}

function notWorthIt({ table }: TableName, size: Size): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.rebuildTooSmall',
    message: `Rebuilding ${table} would give back about ${formatBytes(reclaimable(size))}, less than 1 GiB or less than a fifth of its file. The table uses that space itself for new rows.`,
    hint: 'Leave it as it is; --force rebuilds it all the same.',
    exitCode: exitCodes.refused,
  })
}

function noTable({ schema, table }: TableName): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.noArchive',
    message: `There is no table ${schema}.${table} yet.`,
    hint: 'The first run makes it.',
    exitCode: exitCodes.inputMissing,
  })
}
