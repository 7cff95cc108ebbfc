import { writeFile } from 'node:fs/promises'
import { type ExitCode, exitCodes } from '../../lib/errors.ts'
import { planRun } from '../../run/runner.ts'
import { launchJob, openDesk } from '../desk.ts'
import { printEnded } from '../print.ts'
import { readCount } from '../read-options.ts'
import { openReport } from '../report.ts'
import type { Handler, Invocation } from '../shell.ts'

export const plan: Handler = async (invocation) => planJob(invocation)

/** Also `run --dry-run`: the same function, so the two can never differ. */
export async function planJob(invocation: Invocation): Promise<ExitCode> {
  const { options, globals } = invocation
  const desk = await openDesk(invocation)
  const launch = launchJob(
    desk,
    invocation.jobs,
    invocation.arguments.job ?? '',
    readCount(options.limit, '--limit'),
  )
  const report = await openReport(options.report)
  try {
    const ended = await planRun(launch)
    await report.take(ended.rows)
    if (typeof options.output === 'string' && ended.saved !== undefined) {
      // Mode 0600: a plan holds references and amounts of real payments.
      await writeFile(options.output, `${JSON.stringify(ended.saved)}\n`, { mode: 0o600 })
    }
    await report.finish(ended)
    const exitCode = await printEnded(desk, globals, ended)
    const hasWork = exitCode === exitCodes.done && ended.hasWork
    return hasWork && options.detailedExitcode === true ? exitCodes.workFound : exitCode
  } finally {
    await report.discard()
    desk.close()
  }
}
