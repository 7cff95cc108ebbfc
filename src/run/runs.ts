import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import { plural } from '../lib/units.ts'
import {
  type ControlWriting,
  type NamedDatabase,
  requireControlTables,
  withControlWriter,
} from './control-writer.ts'
import { findRun, type RunsOptions, readEverywhere, uniqueById } from './find-run.ts'
import type { Report } from './report.ts'
import { describeRun, describeRuns, type RunDetail, type RunSummary, toRunSummary } from './run-summary.ts'
import { insertRequest, pruneRuns as pruneStatements, selectOpenRequests, selectRuns } from './sql.ts'

export type { RunsOptions } from './find-run.ts'

export interface RunsList {
  readonly schemaVersion: 1
  /** Newest first. */
  readonly runs: readonly RunSummary[]
}

export async function listRuns(
  options: RunsOptions & { readonly job?: string | undefined; readonly limit: number },
): Promise<{ readonly result: RunsList; readonly report: Report }> {
  const { job, limit } = options
  const filter = { limit, ...(job === undefined ? {} : { job }) }
  const found = await readEverywhere(options, async ({ read, schema }, database) =>
    (await read((session) => session.rows(selectRuns(schema, filter)))).map((row) =>
      toRunSummary(database, row),
    ),
  )
  const runs = uniqueById(found)
    .toSorted((one, other) => other.startedAt.localeCompare(one.startedAt))
    .slice(0, limit)
  return { result: { schemaVersion: 1, runs }, report: describeRuns(runs) }
}

export interface RunShown extends RunDetail {
  readonly schemaVersion: 1
}

/** By id, or by as much of its beginning as no other run shares. */
export async function showRun(
  options: RunsOptions & { readonly runId: string },
): Promise<{ readonly result: RunShown; readonly report: Report }> {
  const run = await findRun(options)
  return { result: { schemaVersion: 1, ...run }, report: describeRun(run) }
}

export interface RunStopped {
  readonly schemaVersion: 1
  readonly runId: string
  readonly job: string
  /** `waiting`: an earlier request has not been heard yet, and no second one was made. */
  readonly request: 'made' | 'waiting'
}

/**
 * Asks a run to stop; it hears that within two seconds, finishes the unit in hand and keeps its checkpoint. Asked again
 * after that, it interrupts what is in flight, as with a second signal. Throws `runs.ended` (exit 4) when nothing is at
 * work any more.
 */
export async function stopRun(
  options: RunsOptions & { readonly runId: string },
): Promise<{ readonly result: RunStopped; readonly report: Report }> {
  const run = await findRun(options)
  if (run.state !== 'running') throw endedAlready(run)
  const { runId, job } = run
  const by = options.surroundings.host.holder
  const request = await withControlWriter(
    databaseOf(options, run),
    options.surroundings,
    ({ writer, schema }) =>
      writer.use(async (session) => {
        const open = await session.rows(selectOpenRequests(schema, runId))
        if (open.some(({ verb }) => verb === 'stop')) return 'waiting'
        await session.change(insertRequest(schema, { runId, verb: 'stop', by }))
        return 'made'
      }),
  )
  const headline =
    request === 'made'
      ? `${job} was asked to stop. It finishes the unit in hand and keeps its checkpoint.`
      : `${job} has been asked to stop before and has not heard it yet.`
  return {
    result: { schemaVersion: 1, runId, job, request },
    report: {
      headline,
      sections: [{ type: 'lines', lines: [`See whether it has: rowkeeper runs show ${runId}`] }],
    },
  }
}

export interface RunsPruned {
  readonly schemaVersion: 1
  /** Rows deleted, by database. */
  readonly databases: readonly {
    readonly database: string
    readonly runs: number
    readonly batches: number
    readonly requests: number
  }[]
}

/**
 * Forgets runs that ended longer ago. Audit rows stay for ever; slots stay until runs prune them by themselves after 90
 * days, because a job whose slot is forgotten too early would run it again.
 */
export async function pruneRuns(
  options: RunsOptions & { readonly olderThanDays: number },
): Promise<{ readonly result: RunsPruned; readonly report: Report }> {
  const databases: RunsPruned['databases'][number][] = []
  for (const database of options.databases) {
    const counts = await withControlWriter(database, options.surroundings, async (writing) => {
      await requireControlTables(writing)
      return pruneOne(writing, options.olderThanDays)
    })
    databases.push({ database: database.name, ...counts })
  }
  const runs = databases.reduce((sum, counts) => sum + counts.runs, 0)
  const headline = `${plural(runs, 'run')} that ended more than ${plural(options.olderThanDays, 'day')} ago forgotten.`
  return { result: { schemaVersion: 1, databases }, report: { headline, sections: [] } }
}

async function pruneOne({ writer, schema }: ControlWriting, days: number) {
  const deleted = new Map<string, number>()
  for (const statement of pruneStatements(schema, days)) {
    if (statement.name === 'ledger.prune-slots') continue
    const { affectedRows } = await writer.use((session) => session.change(statement))
    deleted.set(statement.name, affectedRows)
  }
  return {
    runs: deleted.get('ledger.prune-runs') ?? 0,
    batches: deleted.get('ledger.prune-batches') ?? 0,
    requests: deleted.get('ledger.prune-requests') ?? 0,
  }
}

function databaseOf({ databases }: RunsOptions, run: RunSummary): NamedDatabase {
  const database = databases.find(({ name }) => name === run.database)
  if (database === undefined) throw new TypeError(`the run was found in ${run.database}, which nobody named`)
  return database
}

function endedAlready(run: RunDetail): RowkeeperError {
  const observed =
    run.state === 'lost'
      ? 'was lost: its process ended without a word, so there is nobody to stop'
      : `has ended already (${run.state}${run.finishedAt === null ? '' : ` at ${run.finishedAt}`})`
  return new RowkeeperError({
    code: 'runs.ended',
    message: `The run ${run.runId} of ${run.job} ${observed}.`,
    hint: run.state === 'lost' ? `Go on from its checkpoint with: rowkeeper run ${run.job}` : undefined,
    exitCode: exitCodes.refused,
  })
}
