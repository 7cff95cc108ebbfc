import { exitCodes } from '../../lib/errors.ts'
import { paint } from '../../output/style.ts'
import { findMisplaced, observeOrders, type Pile } from '../../sandbox/shop/orders.ts'
import type { Act, ActEnd } from './act.ts'
import { checkOrders, describeMisplaced } from './check-orders.ts'
import { ordersJob } from './configuration.ts'
import { callVerb, planJob, runJob, show, withDesk } from './play.ts'
import { presentOrders } from './present-orders.ts'
import type { Stage } from './stage.ts'

/** Archive: old orders into the archive table, one month back, and away again. */
export const orderActs: readonly Act[] = [
  presentOrders,
  {
    title: () => 'The plan: what is old, what it will cost, what will be done',
    command: () => `rowkeeper plan ${ordersJob}`,
    play: plan,
  },
  {
    title: () => 'The run: copied, compared and deleted, batch by batch',
    command: () => `rowkeeper run ${ordersJob}`,
    play: run,
  },
  {
    title: () => 'The months of the archive table',
    command: () => `rowkeeper archive months ${ordersJob}`,
    play: ({ invocation }) => playVerb(invocation, 'months', {}),
  },
  {
    title: () => 'The proof: every month read again and compared with what was moved',
    command: () => `rowkeeper archive verify ${ordersJob}`,
    play: ({ invocation }) => playVerb(invocation, 'verify', {}),
  },
  {
    title: (stage) => `One month is needed again: ${monthOf(stage)} comes back`,
    command: (stage) => `rowkeeper archive restore ${ordersJob} --month ${monthOf(stage)}`,
    play: restore,
  },
  {
    title: () => 'It is no longer needed',
    command: (stage) => `rowkeeper archive release ${ordersJob} --month ${monthOf(stage)}`,
    play: (stage) => playVerb(stage.invocation, 'release', { month: monthOf(stage) }),
  },
  {
    title: () => 'The run once more: only that month is left to move',
    command: () => `rowkeeper run ${ordersJob}`,
    play: run,
  },
  checkOrders,
]

/** The oldest one that must be archived. */
function monthOf({ orders }: Stage): string {
  const [first = ''] = orders
    .filter(({ fate }) => fate === 'archived')
    .map(({ month }) => month)
    .toSorted()
  return first
}

async function plan({ invocation }: Stage): Promise<ActEnd> {
  return withDesk(invocation, async (desk) => {
    const ended = await planJob(desk, invocation, ordersJob)
    return show(desk, ended, ended.result.exitCode)
  })
}

async function run({ invocation }: Stage): Promise<ActEnd> {
  return withDesk(invocation, async (desk) => {
    const ended = await runJob(desk, invocation, ordersJob)
    return show(desk, ended, ended.result.exitCode)
  })
}

async function playVerb(
  invocation: Stage['invocation'],
  verb: string,
  options: Readonly<Record<string, string>>,
): Promise<ActEnd> {
  return withDesk(invocation, async (desk) => {
    const ended = await callVerb(desk, invocation, { job: ordersJob, group: 'archive', verb, options })
    return show(desk, ended, ended.result.exitCode)
  })
}

/** What the live table has of the month afterwards is compared with what it had at first. */
async function restore(stage: Stage): Promise<ActEnd> {
  const month = monthOf(stage)
  const ended = await playVerb(stage.invocation, 'restore', { month })
  if (ended.exitCode !== exitCodes.done) return ended
  const ofMonth = (piles: readonly Pile[]) => piles.filter((pile) => pile.month === month)
  const mustBe = ofMonth(stage.orders).map((pile): Pile => ({ ...pile, place: 'live' }))
  const misplaced = findMisplaced(mustBe, ofMonth(await observeOrders(stage.server)))
  if (misplaced.length > 0)
    return { ...ended, exitCode: exitCodes.failed, text: await describeMisplaced(misplaced, stage.style) }
  const checked = `checked: all orders of ${month} and their items are in the live tables again, byte for byte`
  return { ...ended, text: `${ended.text}\n${paint(checked, 'good', stage.style)}\n` }
}
