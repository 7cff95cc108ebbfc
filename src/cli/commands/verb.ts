import { executeVerb } from '../../run/verb-run.ts'
import { launchJob, openDesk } from '../desk.ts'
import { makeMissingControl } from '../make-control.ts'
import { printEnded } from '../print.ts'
import type { Handler } from '../shell.ts'

/** A command that a kind of job brings along. */
export function verbHandler(group: string, verb: string): Handler {
  return async (invocation) => {
    const desk = await openDesk(invocation)
    try {
      if (invocation.options.dryRun !== true) await makeMissingControl(desk, invocation)
      const { job, ...rest } = invocation.arguments
      const launch = launchJob(desk, invocation, job ?? '', undefined)
      const input = {
        arguments: definedTexts(rest),
        options: definedTexts(invocation.options),
        actor: desk.surroundings.host.holder.replace(/:\d+$/, ''),
      }
      return await printEnded(desk, invocation.globals, await executeVerb(launch, { group, verb }, input))
    } finally {
      desk.close()
    }
  }
}

/** A flag without a value counts as given: its text is `true`. */
function definedTexts(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )
}
