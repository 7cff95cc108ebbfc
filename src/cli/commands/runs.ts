import { exitCodes } from '../../lib/errors.ts'
import type { Report } from '../../run/report.ts'
import { listRuns, pruneRuns, type RunsOptions, showRun, stopRun } from '../../run/runs.ts'
import { allDatabases, chooseDatabase } from '../choose-database.ts'
import { openDesk } from '../desk.ts'
import { printReport } from '../print.ts'
import { readCount, readDuration } from '../read-options.ts'
import type { Handler, Invocation } from '../shell.ts'

const DAY_MS = 24 * 60 * 60 * 1000

export const list = runsCommand((options, invocation) =>
  listRuns({
    ...options,
    job: invocation.arguments.job,
    limit: readCount(invocation.options.limit, '--limit') ?? 20,
  }),
)

export const show = runsCommand((options, invocation) =>
  showRun({ ...options, runId: invocation.arguments.run ?? '' }),
)

export const stop = runsCommand((options, invocation) =>
  stopRun({ ...options, runId: invocation.arguments.run ?? '' }),
)

export const prune = runsCommand((options, invocation) => {
  const age = readDuration(invocation.options.olderThan, '--older-than') ?? 90 * DAY_MS
  return pruneRuns({ ...options, olderThanDays: Math.ceil(age / DAY_MS) })
})

type Act = (options: RunsOptions, invocation: Invocation) => Promise<{ result: unknown; report: Report }>

function runsCommand(act: Act): Handler {
  return async (invocation) => {
    const desk = await openDesk(invocation)
    const { database } = invocation.options
    const databases = database === undefined ? allDatabases(desk) : [chooseDatabase(desk, database)]
    const { result, report } = await act({ databases, surroundings: desk.surroundings }, invocation)
    await printReport(desk, invocation.globals, report, result)
    return exitCodes.done
  }
}
