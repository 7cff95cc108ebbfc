import { describe, expect } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { recover } from '../jobs/reconcile/faults/recover.ts'
import { mixedFates } from '../jobs/reconcile/faults/truth.ts'
import { findViolations } from '../jobs/reconcile/faults/violations.ts'
import { faultyBinary } from '../support/break-run.ts'
import { readDocument, type StartedCommand } from '../support/cli.ts'
import { type ReconcileShop, test } from '../support/reconcile-shop.ts'

const fates = mixedFates(36)

/** A run that waits after its third fix. */
async function startWaiting(shop: ReconcileShop): Promise<StartedCommand> {
  const command = shop.startBinary(['run', 'payments', '--format', 'json'], {
    binary: faultyBinary,
    environment: { ROWKEEPER_FAULT: 'reconcile.fix-committed:wait@3' },
  })
  await command.says('waiting at')
  return command
}

/** A run whose first cancel is carried out there, while the answer takes a minute. */
async function startCancelling(shop: ReconcileShop): Promise<StartedCommand> {
  shop.provider.faults.add({ kind: 'slowHeaders', ms: 60_000, operation: 'cancel' })
  const command = shop.startBinary(['run', 'payments', '--format', 'json'])
  await expect
    .poll(() => shop.provider.state.counts().mutations, { timeout: 20_000, interval: 10 })
    .toBeGreaterThan(0)
  return command
}

const stops = [
  { signal: 'SIGINT', exitCode: 130, code: 'run.interrupted' },
  { signal: 'SIGTERM', exitCode: 143, code: 'run.terminated' },
  { signal: 'SIGHUP', exitCode: 143, code: 'run.terminated' },
] as const

describe('a run that is asked to stop', () => {
  for (const { signal, exitCode, code } of stops) {
    test(`by ${signal} finishes the unit in hand, takes no new one, and the next run completes`, async ({
      shop,
    }) => {
      await shop.seed(fates)
      const command = await startWaiting(shop)
      command.signal(signal)
      await command.says('stopping: the unit in hand is finished first')
      command.signal('SIGUSR2')
      const ended = await command.ended
      expect(ended.exitCode).toBe(exitCode)
      expect(readDocument(ended)).toMatchObject({
        status: 'stopped',
        effect: 'partial',
        counts: { fixed: 3 },
        error: { code },
        next: expect.arrayContaining(['rowkeeper run payments']),
      })
      expect(await shop.runs()).toMatchObject([{ state: 'stopped', exit_code: exitCode }])
      expect(await shop.leases()).toEqual([])
      await recover(shop)
      expect(await findViolations(shop, fates)).toEqual([])
    })
  }

  test('by the request of another process exits 5', async ({ shop }) => {
    await shop.seed(fates)
    const command = await startWaiting(shop)
    const [run] = await shop.runs()
    await shop.database.query(
      "INSERT INTO rowkeeper_request (run_id, verb, requested_by, created_at) VALUES (?, 'stop', 'ops@elsewhere:1', UTC_TIMESTAMP(3))",
      [run?.run_id],
    )
    await command.says('stopping: ')
    command.signal('SIGUSR2')
    const ended = await command.ended
    expect(ended.exitCode).toBe(5)
    expect(readDocument(ended)).toMatchObject({
      status: 'stopped',
      counts: { fixed: 3 },
      error: { code: 'run.stopped' },
    })
    const [request] = await shop.database.query('SELECT taken_at FROM rowkeeper_request')
    expect(request?.taken_at).not.toBeNull()
    await recover(shop)
    expect(await findViolations(shop, fates)).toEqual([])
  })

  test('twice ends at once; the cancel in flight is unknown, and the next run finds it done', async ({
    shop,
  }) => {
    await shop.seed(fates)
    const command = await startCancelling(shop)
    command.signal('SIGINT')
    await command.says('stopping: ')
    const { now } = await timeEnd(command, () => command.signal('SIGINT'))
    expect(now.exitCode).toBe(130)
    expect(now.tookMs).toBeLessThan(2500)
    const open = (await shop.operations()).filter(({ state }) => state !== 'confirmed')
    expect(open).toMatchObject([{ state: expect.stringMatching(/^(sending|unknown)$/), attempts: 1 }])
    shop.provider.faults.clear()
    await recover(shop)
    expect(await findViolations(shop, fates)).toEqual([])
  })

  test('is not kept by a reader of its output that went away', async ({ shop }) => {
    await shop.seed(fates)
    const command = shop.startBinary(['run', 'payments'])
    command.closeOutput()
    const ended = await command.ended
    expect(ended).toMatchObject({ exitCode: 0, signal: undefined })
    expect(ended.stderr).not.toMatch(/EPIPE|at .*\.js:\d+/)
    expect(await findViolations(shop, fates)).toEqual([])
    expect(await shop.runs()).toMatchObject([{ state: 'succeeded' }])
  })
})

async function timeEnd(command: StartedCommand, act: () => void) {
  const begun = systemClock.elapsed()
  act()
  const { exitCode, stderr } = await command.ended
  return { now: { exitCode, stderr, tookMs: systemClock.elapsed() - begun } }
}
