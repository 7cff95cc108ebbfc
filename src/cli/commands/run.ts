import { readFile } from 'node:fs/promises'
import { exitCodes, RowkeeperError } from '../../lib/errors.ts'
import type { Launch } from '../../run/launch.ts'
import { parseSavedPlan, type SavedPlan } from '../../run/plan-file.ts'
import { type Ended, executeRun } from '../../run/runner.ts'
import { type Desk, launchJob, openDesk } from '../desk.ts'
import { makeMissingControl } from '../make-control.ts'
import { printEnded } from '../print.ts'
import { readCount, readDuration } from '../read-options.ts'
import { openReport } from '../report.ts'
import type { Handler } from '../shell.ts'
import { planJob } from './plan.ts'

export const run: Handler = async (invocation) => {
  const { options, globals, shell, control } = invocation
  if (options.dryRun === true) return planJob(invocation)
  const maxRuntime = readDuration(options.maxRuntime, '--max-runtime')
  const saved = await readPlan(options.plan)
  const limit = readCount(options.limit, '--limit')
  const desk = await openDesk(invocation)
  const cancelLimit =
    maxRuntime === undefined ? () => {} : shell.clock.schedule(maxRuntime, () => control.request('timeLimit'))
  try {
    await makeMissingControl(desk, invocation)
    const launch = launchJob(desk, invocation, invocation.arguments.job ?? '', limit)
    const report = await openReport(options.report)
    try {
      const execute = () =>
        executeRun(launch, {
          saved,
          from: options.restart === true ? 'start' : 'checkpoint',
          takeRows: report.take,
        })
      const ended = options.oncePerSlot === true ? await runInSlot(desk, launch, execute) : await execute()
      await report.finish(ended)
      return await printEnded(desk, globals, ended)
    } finally {
      await report.discard()
    }
  } finally {
    cancelLimit()
    desk.close()
  }
}

async function runInSlot(desk: Desk, launch: Launch, execute: () => Promise<Ended>): Promise<Ended> {
  const [{ runOncePerSlot }, { createSlotSource }] = await Promise.all([
    import('../../run/schedule/once-per-slot.ts'),
    import('../../run/schedule/slot-source.ts'),
  ])
  return runOncePerSlot(launch, createSlotSource(desk.loaded.config, desk.surroundings), execute)
}

async function readPlan(path: unknown): Promise<SavedPlan | undefined> {
  if (typeof path !== 'string') return undefined
  try {
    return parseSavedPlan(await readFile(path, 'utf8'), path)
  } catch (cause) {
    if (cause instanceof RowkeeperError) throw cause
    throw new RowkeeperError({
      code: 'plan.missing',
      message: `The plan ${path} could not be read: ${cause instanceof Error ? cause.message : cause}.`,
      hint: `Make one with: rowkeeper plan <job> -o ${path}`,
      exitCode: exitCodes.inputMissing,
      cause,
    })
  }
}
