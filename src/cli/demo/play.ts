import type { ExitCode } from '../../lib/errors.ts'
import { renderResult } from '../../output/text.ts'
import type { VerbInput } from '../../run/job.ts'
import { type Ended, executeRun, planRun } from '../../run/runner.ts'
import { executeVerb } from '../../run/verb-run.ts'
import { type Desk, launchJob, openDesk } from '../desk.ts'
import type { Invocation } from '../shell.ts'
import type { ActEnd } from './act.ts'

/** What the commands do, through the same functions. Each opens the configuration anew, as a command would. */

export async function withDesk<T>(invocation: Invocation, work: (desk: Desk) => Promise<T>): Promise<T> {
  const desk = await openDesk(invocation)
  try {
    return await work(desk)
  } finally {
    desk.close()
  }
}

export function planJob(desk: Desk, { jobs }: Invocation, job: string): Promise<Ended> {
  return planRun(launchJob(desk, { jobs }, job, undefined))
}

export function runJob(desk: Desk, { jobs }: Invocation, job: string): Promise<Ended> {
  return executeRun(launchJob(desk, { jobs }, job, undefined), {
    from: 'checkpoint',
    takeRows: async () => {},
  })
}

export interface VerbCall {
  readonly job: string
  readonly group: string
  readonly verb: string
  readonly options: VerbInput['options']
}

export function callVerb(
  desk: Desk,
  { jobs }: Invocation,
  { job, options, ...name }: VerbCall,
): Promise<Ended> {
  const input = { arguments: {}, options, actor: 'demo' }
  return executeVerb(launchJob(desk, { jobs }, job, undefined), name, input)
}

/** As the command prints it, with comments below. */
export async function show(
  { loaded, style }: Desk,
  { result, report }: Ended,
  exitCode: ExitCode,
  comments: readonly string[] = [],
): Promise<ActEnd> {
  const text = await renderResult(result, report, style)
  const below = comments.length === 0 ? '' : `\n${comments.join('\n')}\n`
  return { exitCode, document: result, text: loaded.redact(text) + below }
}
