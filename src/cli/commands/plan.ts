import { writeFile } from 'node:fs/promises'
import { type ExitCode, exitCodes, RowkeeperError } from '../../lib/errors.ts'
import type { SavedPlan } from '../../run/plan-file.ts'
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
    invocation,
    invocation.arguments.job ?? '',
    readCount(options.limit, '--limit'),
  )
  const report = await openReport(options.report)
  try {
    const ended = await planRun(launch)
    await report.take(ended.rows)
    if (typeof options.output === 'string' && ended.saved !== undefined) {
      await savePlan(options.output, ended.saved)
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

/** Mode 0600: a plan holds references and amounts of real payments. */
async function savePlan(path: string, plan: SavedPlan): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(plan)}\n`, { mode: 0o600 })
  } catch (cause) {
    throw new RowkeeperError({
      code: 'plan.notWritten',
      message: `The plan could not be written to ${path}: ${cause instanceof Error ? cause.message : cause}.`,
      hint: 'Choose another file for -o. A plan changes nothing, so it can be made again at any time.',
      exitCode: exitCodes.failed,
      cause,
    })
  }
}
