import { exitCodes } from '../../lib/errors.ts'
import type { ResultDocument } from '../../run/result.ts'
import { executeRun } from '../../run/runner.ts'
import { createOwnSurroundings } from '../../run/schedule/own-surroundings.ts'
import { createSlotSource } from '../../run/schedule/slot-source.ts'
import { type TickResult, tick } from '../../run/schedule/tick.ts'
import { type Desk, launchJob, openDesk } from '../desk.ts'
import { printReport } from '../print.ts'
import { readCount } from '../read-options.ts'
import { scheduledJobs } from '../scheduled-jobs.ts'
import type { Handler, Invocation } from '../shell.ts'
import { tickReport } from '../tick-report.ts'

export const tickOnce: Handler = async (invocation) => {
  const desk = await openDesk(invocation)
  const result = await createTick(desk, invocation)()
  await printReport(desk, invocation.globals, tickReport(result), result)
  return result.exitCode
}

export const start: Handler = async (invocation) => {
  const desk = await openDesk(invocation)
  const { runDaemon } = await import('../../run/schedule/daemon.ts')
  const jobs = scheduledJobs(desk)
  desk.tell(
    `watching ${jobs.length} scheduled ${jobs.length === 1 ? 'job' : 'jobs'}; ends with SIGTERM or Ctrl-C\n`,
  )
  await runDaemon({
    jobs,
    control: desk.surroundings.control,
    tick: createTick(desk, invocation),
    onTick: (result) => printTick(desk, result),
  })
  desk.close()
  return exitCodes.done
}

export const next: Handler = async (invocation) => {
  const desk = await openDesk(invocation)
  const { listNext } = await import('../../run/schedule/next.ts')
  const count = readCount(invocation.options.count, '--count') ?? 5
  const jobs = scheduledJobs(desk, invocation.arguments.job)
  const { result, report } = listNext(jobs, desk.surroundings.clock.now(), count)
  await printReport(desk, invocation.globals, report, result)
  return exitCodes.done
}

function createTick(desk: Desk, { jobs }: Invocation): () => Promise<TickResult> {
  const slots = createSlotSource(desk.loaded.config, desk.surroundings)
  return () =>
    tick({
      jobs: scheduledJobs(desk),
      clock: desk.surroundings.clock,
      now: slots.now,
      control: desk.surroundings.control,
      claim: slots.claim,
      run: (job) => runScheduled(desk, jobs, job),
    })
}

/** `runs stop` ends the run it names, not the schedule around it. */
async function runScheduled(desk: Desk, jobs: Invocation['jobs'], job: string): Promise<ResultDocument> {
  const own = createOwnSurroundings(desk.surroundings)
  try {
    const launch = launchJob({ ...desk, surroundings: own.surroundings }, { jobs }, job, undefined)
    return (await executeRun(launch, { from: 'checkpoint', takeRows: async () => {} })).result
  } finally {
    own.release()
  }
}

/** A daemon's result is a line of JSON for every pass that did something: what a log collector reads. */
function printTick(desk: Desk, result: TickResult): void {
  if (result.jobs.some(({ result: ran, error }) => ran !== undefined || error !== undefined)) {
    desk.print(`${JSON.stringify(result)}\n`)
  }
}
