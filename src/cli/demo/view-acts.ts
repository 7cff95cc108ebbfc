import { exitCodes } from '../../lib/errors.ts'
import { formatCount, plural } from '../../lib/units.ts'
import { paint } from '../../output/style.ts'
import { checkViews, startViewers, type ViewCheck } from '../../sandbox/shop/views.ts'
import type { Act, ActEnd } from './act.ts'
import { viewsJob } from './configuration.ts'
import { planJob, runJob, show, withDesk } from './play.ts'
import type { Stage } from './stage.ts'

/** Rollup: views of products into counters, while people go on looking. */
export const viewActs: readonly Act[] = [
  {
    title: ({ views }) =>
      `People looked at the shop's products ${formatCount(views)} times, and each look is a row; the plan`,
    command: () => `rowkeeper plan ${viewsJob}`,
    play: ({ invocation }) =>
      withDesk(invocation, async (desk) => {
        const ended = await planJob(desk, invocation, viewsJob)
        return show(desk, ended, ended.result.exitCode)
      }),
  },
  {
    title: () => 'The run: counted in bulk and deleted, while people go on looking',
    command: () => `rowkeeper run ${viewsJob}`,
    play: runBesideViewers,
  },
  {
    title: () => 'The run once more: what came meanwhile',
    command: () => `rowkeeper run ${viewsJob}`,
    play: run,
  },
  {
    title: () => 'The check: every view that was written is in one hour, one day, one month and one total',
    play: check,
  },
]

async function run({ invocation }: Stage): Promise<ActEnd> {
  return withDesk(invocation, async (desk) => {
    const ended = await runJob(desk, invocation, viewsJob)
    return show(desk, ended, ended.result.exitCode)
  })
}

/** At the end one look at everything at once: what was written is counted, or waits to be. */
async function runBesideViewers(stage: Stage): Promise<ActEnd> {
  const { server, invocation, shop } = stage
  const viewers = startViewers(server, invocation.shell.random, shop)
  const ended = await run(stage).finally(() => viewers.stop().catch(() => 0))
  const written = await viewers.stop()
  const found = await checkViews(server)
  if (found.written !== found.waiting + found.counted) return failed(found, stage)
  const text = `checked: ${plural(written, 'more view')} written meanwhile; every one is counted, or among the ${formatCount(found.waiting)} that wait`
  return { ...ended, text: `${ended.text}\n${paint(text, 'good', stage.style)}\n` }
}

async function check(stage: Stage): Promise<ActEnd> {
  const found = await checkViews(stage.server)
  const isRight = found.waiting === 0 && found.wrongDays === 0 && found.wrongTotals === 0
  if (!isRight || found.counted !== found.written) return failed(found, stage)
  const text = `checked: ${plural(found.written, 'view')} counted, each exactly once, in every size of bucket and in the totals of the products`
  return { exitCode: exitCodes.done, document: found, text: `${paint(text, 'good', stage.style)}\n` }
}

function failed(found: ViewCheck, { style }: Stage): ActEnd {
  const { written, waiting, counted, wrongDays, wrongTotals } = found
  const text = `checked: ${formatCount(written)} views written, ${formatCount(counted)} counted, ${formatCount(waiting)} wait; ${plural(wrongDays, 'day')} and ${plural(wrongTotals, 'total')} are wrong`
  return { exitCode: exitCodes.failed, document: found, text: `${paint(text, 'bad', style)}\n` }
}
