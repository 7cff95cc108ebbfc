import { fromControlTime } from '../../../src/db/date-time.ts'
import type { TableName } from '../../../src/db/statement.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import type { ExecuteContext, PlanContext, PlanDestination } from '../../../src/run/context.ts'
import type { VerbInput, VerbResult } from '../../../src/run/job.ts'
import { deleteCounting, selectCounting } from '../counting-sql.ts'
import { archivePlace, planPlace } from '../place.ts'
import { readTables } from '../tables.ts'
import type { Settings } from './input.ts'

/** A rollup job that has put down that it counts the live table or the archive table. */
interface Registered {
  readonly job: string
  readonly table: TableName
  readonly which: 'live' | 'archive'
  readonly strategy: string
  /** When a run of it last put this down, ISO text in UTC. */
  readonly lastRun: string
}

/**
 * Rows that a removed rollup job never counts would stay for ever. Only an operator knows that it is removed: it may be in
 * another configuration file. A run of one that is alive puts down again what it counts.
 */
export async function forgetRollup(
  context: ExecuteContext,
  settings: Settings,
  input: VerbInput,
): Promise<VerbResult> {
  const found = await findAsked(context, settings, input)
  for (const { which, job, table } of found) {
    const { transact, control } = which === 'live' ? context : archivePlace(context)
    await transact(`forget ${job}`, (transaction) =>
      transaction.change(deleteCounting(control.schema, job, table)),
    )
  }
  return resultOf(settings, found, { changed: found.length })
}

export async function previewForgetRollup(
  context: PlanContext,
  settings: Settings,
  input: VerbInput,
): Promise<VerbResult> {
  return resultOf(settings, await findAsked(context, settings, input), { changed: 0 })
}

async function findAsked(
  context: PlanContext,
  settings: Settings,
  { arguments: { rollup = '' } }: VerbInput,
): Promise<readonly Registered[]> {
  const { source, target } = await readTables(context, settings)
  const registered = [
    ...(await readRegistered(context, source.table.name, 'live')),
    ...(await readRegistered(planPlace(context), target.name, 'archive')),
  ]
  const found = registered.filter(({ job }) => job === rollup)
  if (found.length === 0) throw notRegistered(rollup, settings, registered)
  return found
}

async function readRegistered(
  { read, control }: PlanDestination,
  table: TableName,
  which: Registered['which'],
): Promise<readonly Registered[]> {
  if (!control.isInstalled) return []
  const rows = await read((session) => session.rows(selectCounting(control.schema, table)))
  return rows.map(({ job, strategy, updated_at: at }) => ({
    job: String(job),
    ...{ table, which, strategy: String(strategy) },
    lastRun: fromControlTime(String(at)),
  }))
}

function resultOf(
  { job: archive }: Settings,
  found: readonly Registered[],
  { changed }: { readonly changed: number },
): VerbResult {
  const [job = '', tables] = [found[0]?.job, found.map(({ table }) => table.table).join(' and ')]
  const said = changed > 0 ? 'holds no month back any more' : 'would hold no month back any more'
  return {
    report: {
      headline: `${archive}: the rollup job ${job} ${said}, of ${tables}.`,
      sections: [
        {
          type: 'table',
          title: 'What it counted',
          columns: ['table', 'strategy', 'last run'].map((name) => ({ name, align: 'left' })),
          rows: found.map(({ table, strategy, lastRun }) => [table.table, strategy, lastRun]),
        },
        {
          type: 'list',
          title: 'To know',
          order: 'any',
          items: ['A run of that job puts it down again; rows that leave before are never counted.'],
        },
      ],
    },
    detail: { forgotten: found },
    next: [`rowkeeper plan ${archive}`],
    counts: {},
    changed,
    leftOver: 0,
  }
}

function notRegistered(rollup: string, { job }: Settings, registered: readonly Registered[]): RowkeeperError {
  const names = [...new Set(registered.map((one) => one.job))]
  return new RowkeeperError({
    code: 'archive.noSuchRollup',
    message: `No rollup job ${rollup} has counted a table of ${job}${names.length === 0 ? '' : `; these have: ${names.join(', ')}`}.`,
    hint: `rowkeeper plan ${job} says for which job months wait.`,
    effect: 'none',
    exitCode: exitCodes.inputMissing,
  })
}
