import { exitCodes } from '../../lib/errors.ts'
import { formatCount, plural } from '../../lib/units.ts'
import { paint } from '../../output/style.ts'
import { countWritten, startViewers } from '../../sandbox/shop/views.ts'
import type { Act, ActEnd } from './act.ts'
import { viewLogJob } from './configuration.ts'
import { callVerb, planJob, runJob, show, withDesk } from './play.ts'
import type { Stage } from './stage.ts'

/** Migrate: a table gets another definition while it is written to, and gets the old one back. */
export const migrateActs: readonly Act[] = [
  {
    title: ({ views }) =>
      `The shop's log of views has ${formatCount(views)} rows and shall have wider numbers and an index; the plan`,
    command: () => `rowkeeper plan ${viewLogJob}`,
    play: ({ invocation }) =>
      withDesk(invocation, async (desk) => {
        const ended = await planJob(desk, invocation, viewLogJob)
        return show(desk, ended, ended.result.exitCode)
      }),
  },
  {
    title: () => 'The run: copied, checked and swapped, while the shop goes on writing',
    command: () => `rowkeeper run ${viewLogJob}`,
    play: (stage) =>
      besideViewers(stage, () =>
        withDesk(stage.invocation, async (desk) => {
          const ended = await runJob(desk, stage.invocation, viewLogJob)
          return show(desk, ended, ended.result.exitCode)
        }),
      ),
  },
  {
    title: () => 'The way back: the old definition, with every row written since',
    command: () => `rowkeeper migrate revert ${viewLogJob}`,
    play: (stage) =>
      besideViewers(stage, () =>
        withDesk(stage.invocation, async (desk) => {
          const call = { job: viewLogJob, group: 'migrate', verb: 'revert', options: {} }
          const ended = await callVerb(desk, stage.invocation, call)
          return show(desk, ended, ended.result.exitCode)
        }),
      ),
  },
]

/** Every row that a writer was told is committed is in the table that has the name now. */
async function besideViewers(stage: Stage, play: () => Promise<ActEnd>): Promise<ActEnd> {
  const { server, invocation, shop, style } = stage
  const before = await countWritten(server)
  const viewers = startViewers(server, invocation.shell.random, shop)
  const ended = await play().finally(() => viewers.stop().catch(() => 0))
  const written = await viewers.stop()
  const after = await countWritten(server)
  if (after === before + written) {
    const text = `checked: ${plural(written, 'more row')} written meanwhile, and none is missing`
    return { ...ended, text: `${ended.text}\n${paint(text, 'good', style)}\n` }
  }
  const text = `checked: ${formatCount(before)} rows and ${formatCount(written)} more were written, ${formatCount(after)} are there`
  return {
    exitCode: exitCodes.failed,
    document: { before, written, after },
    text: `${paint(text, 'bad', style)}\n`,
  }
}
