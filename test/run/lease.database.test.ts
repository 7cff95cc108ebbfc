import { describe, expect } from 'vitest'
import type { RunEvent } from '../../src/run/events.ts'
import type { Ended } from '../../src/run/runner.ts'
import { breakShopRun } from '../jobs/reconcile/faults/break-run.ts'
import { recover } from '../jobs/reconcile/faults/recover.ts'
import { mixedFates } from '../jobs/reconcile/faults/truth.ts'
import { findViolations } from '../jobs/reconcile/faults/violations.ts'
import { faultyBinary } from '../support/break-run.ts'
import { readDocument } from '../support/cli.ts'
import { cutConnections } from '../support/cut-connections.ts'
import { type ReconcileShop, test } from '../support/reconcile-shop.ts'

const fates = mixedFates(12)
const ROUNDS = 10

async function expireLease({ database }: ReconcileShop): Promise<void> {
  await database.query('UPDATE rowkeeper_lease SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND')
}

/** Both start at once, and the one that gets the lease keeps it until the other has ended. */
async function runTogether(shop: ReconcileShop): Promise<readonly Ended[]> {
  const holders = ['ops@alpha:1', 'ops@beta:2']
  const runs: Promise<Ended>[] = holders.map((holder, index) =>
    shop.run({
      holder,
      async reach(point) {
        if (point === 'run.lease-taken') await runs[1 - index]
      },
    }),
  )
  return Promise.all(runs)
}

describe('the lease', () => {
  test('of two runs started at once lets one work; the other exits 75 and names it', async ({ shop }) => {
    await shop.seed(fates)
    for (let round = 1; round <= ROUNDS; round++) {
      const ended = await runTogether(shop)
      const codes = ended.map(({ result }) => result.exitCode)
      expect(codes.toSorted((one, other) => one - other)).toEqual([0, 75])
      const refused = ended.find(({ result }) => result.exitCode === 75)?.result
      expect(refused).toMatchObject({ status: 'refused', effect: 'none', error: { code: 'lease.held' } })
      expect(await shop.leases()).toEqual([])
    }
    expect(await findViolations(shop, fates)).toEqual([])
    expect(await shop.runs()).toHaveLength(ROUNDS)
  })

  test('holds between processes too', async ({ shop }) => {
    await shop.seed(fates)
    const environment = { ROWKEEPER_FAULT: 'run.lease-taken:wait@1' }
    const first = shop.startBinary(['run', 'payments'], { binary: faultyBinary, environment })
    await first.says('waiting at run.lease-taken')
    const second = await shop.runBinary(['run', 'payments', '--format', 'json'])
    expect(second.exitCode).toBe(75)
    expect(readDocument(second).error).toMatchObject({
      message: expect.stringContaining(`:${first.pid} (run `),
    })
    first.signal('SIGUSR2')
    expect(await first.ended).toMatchObject({ exitCode: 0 })
    expect(await findViolations(shop, fates)).toEqual([])
  })

  test('is seen at once while its holder is in the middle of a transaction', async ({ shop }) => {
    await shop.seed(fates)
    let seen: Ended | undefined
    const { result } = await shop.run({
      async reach(point) {
        if (point !== 'reconcile.fix-before-commit' || seen !== undefined) return
        seen = await shop.run({ holder: 'ops@beta:2' })
      },
    })
    // It names its holder: the row could be read, nobody waited for its lock.
    const message = expect.stringContaining(`:${process.pid} (run `)
    expect(seen?.result).toMatchObject({ exitCode: 75, error: { code: 'lease.held', message } })
    expect(result.exitCode).toBe(0)
  })

  test('of a process of this machine that is gone is taken over at once', async ({ shop }) => {
    await shop.seed(fates)
    await breakShopRun(shop, { point: 'reconcile.fix-committed', fault: 'kill', at: 2 })
    const [lost] = await shop.runs()
    const events: RunEvent[] = []
    const { result } = await shop.run({ emit: (event) => void events.push(event) })
    expect(result.exitCode).toBe(0)
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'leaseTaken', takenOverFrom: lost?.run_id }),
    )
    expect((await shop.runs())[0]).toMatchObject({ run_id: lost?.run_id, state: 'lost', effect: 'unknown' })
    expect(await findViolations(shop, fates)).toEqual([])
  })

  test('of another machine is taken over only when it has run out, by the clock of the database', async ({
    shop,
  }) => {
    await shop.seed(fates)
    await breakShopRun(shop, { point: 'reconcile.fix-committed', fault: 'kill', at: 2 })
    await shop.database.query("UPDATE rowkeeper_lease SET holder = 'ops@elsewhere:1'")
    expect((await shop.run()).result).toMatchObject({ exitCode: 75, error: { code: 'lease.held' } })
    await expireLease(shop)
    expect((await shop.run()).result).toMatchObject({ exitCode: 0 })
    expect(await findViolations(shop, fates)).toEqual([])
  })
})

/** Frozen here, and the lease taken over meanwhile: what the run does when it wakes up. */
const sleepers = [
  { point: 'reconcile.findings-stored', at: 1 },
  { point: 'reconcile.fix-committed', at: 2 },
  { point: 'reconcile.intent-committed', at: 1 },
  { point: 'reconcile.sending-committed', at: 1 },
  { point: 'reconcile.call-answered', at: 1 },
  { point: 'reconcile.verified', at: 1 },
]

/** Takes a minute, since a server's session is really left alone. */
const everyFault = process.env.ROWKEEPER_FAULTS === 'all'

describe('a run that was frozen in the middle of a transaction', () => {
  const endings = everyFault ? ['the server ends it', 'somebody ends it'] : ['somebody ends it']
  for (const ending of endings) {
    test(`keeps the lease until ${ending}, and then writes nothing any more`, async ({ shop }) => {
      await shop.seed(fates)
      const point = 'reconcile.fix-before-commit'
      const sleeper = shop.startBinary(['run', 'payments', '--format', 'json'], {
        binary: faultyBinary,
        environment: { ROWKEEPER_FAULT: `${point}:wait@2` },
      })
      await sleeper.says(`waiting at ${point}`)
      sleeper.signal('SIGSTOP')
      // The lease's row cannot be set back, as in the others: the open transaction shares it.
      const { result } = await shop.run({ host: { holder: 'ops@beta:2', mayBeAlive: () => false } })
      expect(result).toMatchObject({ exitCode: 75, error: { code: 'lease.held' } })
      if (ending === 'somebody ends it') await cutConnections(shop.database)
      else await expect.poll(() => countTransactions(shop), { timeout: 50_000, interval: 500 }).toBe(0)
      await expireLease(shop)
      await recover(shop)
      sleeper.signal('SIGUSR2')
      sleeper.signal('SIGCONT')
      const ended = await sleeper.ended
      expect(ended).toMatchObject({ exitCode: 75, signal: undefined })
      expect(readDocument(ended)).toMatchObject({ counts: { fixed: 1 }, error: { code: 'run.leaseLost' } })
      expect(await findViolations(shop, fates)).toEqual([])
    })
  }
})

async function countTransactions({ database }: ReconcileShop): Promise<number> {
  const open = await database.query(
    'SELECT p.ID FROM information_schema.INNODB_TRX t JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id WHERE p.DB = DATABASE()',
  )
  return open.length
}

describe('a run that was frozen while another took its lease over', () => {
  for (const { point, at } of sleepers) {
    test(`at ${point} writes nothing any more`, async ({ shop }) => {
      await shop.seed(fates)
      const environment = { ROWKEEPER_FAULT: `${point}:wait@${at}` }
      const sleeper = shop.startBinary(['run', 'payments', '--format', 'json'], {
        binary: faultyBinary,
        environment,
      })
      await sleeper.says(`waiting at ${point}`)
      sleeper.signal('SIGSTOP')
      await expireLease(shop)
      await recover(shop)
      const written = { fixes: await shop.fixes(), operations: await shop.operations() }
      sleeper.signal('SIGUSR2')
      sleeper.signal('SIGCONT')
      const ended = await sleeper.ended
      expect(ended.exitCode).toBe(75)
      expect(readDocument(ended).error).toMatchObject({ code: 'run.leaseLost' })
      expect({ fixes: await shop.fixes(), operations: await shop.operations() }).toEqual(written)
      expect(await findViolations(shop, fates)).toEqual([])
    })
  }
})
