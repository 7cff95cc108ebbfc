import { exitCodes } from '../../lib/errors.ts'
import { formatCount, plural } from '../../lib/units.ts'
import { renderReport } from '../../output/text.ts'
import { installState } from '../../run/state.ts'
import { chooseDatabase } from '../choose-database.ts'
import type { Act, ActEnd } from './act.ts'
import { checkTruth } from './check-truth.ts'
import { paymentsJob } from './configuration.ts'
import { planJob, runJob, show, withDesk } from './play.ts'
import { presentShop } from './present-shop.ts'
import type { Stage } from './stage.ts'

/** Reconcile: payments that differ from what the provider says. */
export const paymentActs: readonly Act[] = [
  presentShop,
  {
    title: () => "rowkeeper's own tables: what it knows, what it did, and why",
    command: () => 'rowkeeper state install',
    play: install,
  },
  {
    title: () => 'The plan: every payment is looked up, nothing is written anywhere',
    command: () => `rowkeeper plan ${paymentsJob}`,
    play: plan,
  },
  {
    title: () => 'The run: the same again, and what is certain is done',
    command: () => `rowkeeper run ${paymentsJob}`,
    play: run,
  },
  {
    title: () => 'The run once more: nothing is left to do',
    command: () => `rowkeeper run ${paymentsJob}`,
    play: runAgain,
  },
  checkTruth,
]

async function install({ invocation }: Stage): Promise<ActEnd> {
  return withDesk(invocation, async (desk) => {
    const { result, report } = await installState({
      database: chooseDatabase(desk, undefined),
      surroundings: desk.surroundings,
      migrations: await invocation.shell.loadMigrations(),
    })
    return { exitCode: exitCodes.done, document: result, text: await renderReport(report, desk.style) }
  })
}

async function plan({ invocation }: Stage): Promise<ActEnd> {
  return withDesk(invocation, async (desk) => {
    const ended = await planJob(desk, invocation, paymentsJob)
    return show(desk, ended, ended.result.exitCode)
  })
}

/** Some of the shop's payments are for people, so 3 is the exit code of a run that did everything right. */
async function run({ invocation }: Stage): Promise<ActEnd> {
  return withDesk(invocation, async (desk) => {
    const ended = await runJob(desk, invocation, paymentsJob)
    const { exitCode, counts } = ended.result
    if (exitCode !== exitCodes.leftOver) return show(desk, ended, exitCode)
    return show(desk, ended, exitCodes.done, [
      'Exit code 3 says: all that is certain was done, and something is left over.',
      `${plural(counts.review ?? 0, 'payment')} for people to decide: nothing was changed there.`,
      `${formatCount(counts.unanswered ?? 0)} without a clear answer: that never changes data, and they are asked about again.`,
    ])
  })
}

/** A change or something left over here is a mistake, but not the end: the check then tells which payments it struck. */
async function runAgain({ invocation }: Stage): Promise<ActEnd> {
  return withDesk(invocation, async (desk) => {
    const ended = await runJob(desk, invocation, paymentsJob)
    const { exitCode, effect } = ended.result
    if (exitCode !== exitCodes.done && exitCode !== exitCodes.leftOver) return show(desk, ended, exitCode)
    if (exitCode === exitCodes.leftOver || effect !== 'none')
      return show(desk, ended, exitCodes.done, [
        'This run should have had nothing to do; the check tells more.',
      ])
    return show(desk, ended, exitCode, [
      'It looked again at what was changed, to see that it holds. What waits is looked at',
      'when its time has come, in 5 minutes at the earliest; what is left to people stays with them.',
    ])
  })
}
