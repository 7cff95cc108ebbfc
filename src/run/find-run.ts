import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import { type ControlStatus, controlTablesMissing, isAbsent, readControlStatus } from './control.ts'
import { type ControlReading, type NamedDatabase, withControlReader } from './control-writer.ts'
import type { Surroundings } from './launch.ts'
import { type RunDetail, type RunSummary, toRunDetail } from './run-summary.ts'
import { selectRuns } from './sql.ts'

/** Where the commands look: every database of the configuration, from any host. */
export interface RunsOptions {
  readonly databases: readonly NamedDatabase[]
  readonly surroundings: Pick<Surroundings, 'clock' | 'control' | 'host'>
}

const MOST_NAMED = 5

/** By the beginning of its id. Throws `runs.badId`, `runs.notFound` or `runs.ambiguous`. */
export async function findRun(options: RunsOptions & { readonly runId: string }): Promise<RunDetail> {
  const { runId } = options
  if (!/^[0-9a-f][0-9a-f-]{3,35}$/i.test(runId)) throw noRunId(runId)
  const filter = { runId: runId.toLowerCase(), limit: MOST_NAMED }
  const found = uniqueById(
    await readEverywhere(options, async ({ read, schema }, database) =>
      (await read((session) => session.rows(selectRuns(schema, filter)))).map((row) =>
        toRunDetail(database, row),
      ),
    ),
  )
  const [run, ...others] = found
  if (run === undefined) throw notFound(runId)
  if (others.length > 0) throw ambiguous(runId, found)
  return run
}

/** A database without control tables has no runs; none with them is an error, and so is one of an older version. */
export async function readEverywhere<T>(
  { databases, surroundings }: RunsOptions,
  read: (reading: ControlReading, database: string) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const found: T[] = []
  const absent: ControlStatus[] = []
  for (const database of databases) {
    await withControlReader(database, surroundings, async (reading) => {
      const { schema } = reading
      const status = await reading.read((session) => readControlStatus(session, schema))
      if (status.isInstalled) found.push(...(await read(reading, database.name)))
      else if (isAbsent(status)) absent.push(status)
      else throw controlTablesMissing(status)
    })
  }
  const [first] = absent
  if (first !== undefined && absent.length === databases.length) throw controlTablesMissing(first)
  return found
}

/** Two databases of the configuration may keep their control tables in one schema. */
export function uniqueById<T extends RunSummary>(runs: readonly T[]): readonly T[] {
  return [...new Map(runs.map((run) => [run.runId, run])).values()]
}

function noRunId(text: string): RowkeeperError {
  return new RowkeeperError({
    code: 'runs.badId',
    message: `${JSON.stringify(text)} is no run id: give at least the first four characters of one.`,
    hint: 'rowkeeper runs list',
    exitCode: exitCodes.usage,
  })
}

function notFound(runId: string): RowkeeperError {
  return new RowkeeperError({
    code: 'runs.notFound',
    message: `There is no run whose id begins with ${runId}. It may have been pruned.`,
    hint: 'rowkeeper runs list',
    exitCode: exitCodes.inputMissing,
  })
}

function ambiguous(runId: string, found: readonly RunSummary[]): RowkeeperError {
  return new RowkeeperError({
    code: 'runs.ambiguous',
    message: `${runId} is the beginning of more than one run: ${found.map((run) => `${run.runId} (${run.job})`).join(', ')}.`,
    hint: 'Give more of the id. See: rowkeeper runs list',
    exitCode: exitCodes.usage,
  })
}
