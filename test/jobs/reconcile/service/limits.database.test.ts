import { describe, expect } from 'vitest'
import { createStopControl } from '../../../../src/lib/abort.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import { test } from '../../../support/reconcile-shop.ts'
import { everyKind, hasty, hastyCancel, statusesHere } from './settle.ts'

const rolledBack = { local: 'FAILED', external: 'PAID' } as const
const open = { local: 'PENDING', external: 'PAID' } as const
const many = <T>(count: number, payment: T): T[] => Array.from({ length: count }, () => payment)

describe('a limit of the run', () => {
  test('reached midway leaves the rest for the next run: exit 3', async ({ shop }) => {
    await shop.configure({ job: { limits: { maxFixes: 2, maxChangedRatio: '100%' } } })
    await shop.seed(many(5, open))
    const first = await shop.run()
    expect(first.result).toMatchObject({
      exitCode: 3,
      status: 'partial',
      counts: { fixed: 2, mismatched: 5 },
    })
    expect(first.result.warnings).toMatchObject([
      {
        code: 'reconcile.limit',
        message:
          'No more changes in this run: limits.maxFixes of 2 is reached. What is left stays due for the next run.',
      },
    ])
    expect((await shop.run()).result.counts.fixed).toBe(2)
    expect((await shop.run()).result).toMatchObject({ exitCode: 0, counts: { fixed: 1 } })
  })

  test('before any change refuses the run: exit 4', async ({ shop }) => {
    await shop.configure({ job: { limits: { maxFixes: 0 } } })
    await shop.seed(many(3, open))
    const { result } = await shop.run()
    expect(result).toMatchObject({
      exitCode: 4,
      status: 'refused',
      effect: 'none',
      error: { code: 'reconcile.limit' },
    })
    expect(result.error?.message).toBe('Nothing was changed: limits.maxFixes of 0 is reached.')
    expect(await statusesHere(shop)).toEqual(many(3, 'PENDING'))
  })

  test('maxAmount is kept by currency, and what was sent without a clear answer counts', async ({ shop }) => {
    await shop.configure({
      service: { ...hasty, cancel: hastyCancel },
      job: { limits: { maxAmount: { eur: 25 }, maxChangedRatio: '100%' } },
    })
    await shop.seed([...many(3, rolledBack), { ...rolledBack, currency: 'KRW', amount: '5000' }])
    shop.provider.faults.add({ kind: 'statusBefore', status: 500, operation: 'cancel', times: 1 })
    const { result } = await shop.run()
    expect(result).toMatchObject({ exitCode: 3, counts: { compensated: 2 } })
    expect(result.detail.cancelled).toEqual({ EUR: '12.30', KRW: '5000' })
    expect(result.detail.endings).toMatchObject({ open: 1, compensated: 2, limit: 1 })
  })

  test('maxChangedRatio counts cancels and settled rows, from twenty rows on', async ({ shop }) => {
    await shop.configure({ job: { limits: { maxChangedRatio: '7%' } } })
    await shop.seed([
      ...many(3, rolledBack),
      ...many(10, open),
      ...many(27, { local: 'PAID', external: 'PAID' as const }),
    ])
    const { result } = await shop.run()
    expect(result).toMatchObject({ exitCode: 3, counts: { examined: 40, compensated: 2, fixed: 10 } })
    expect(result.warnings[0]?.message).toContain('more than 7 % of the rows compared')
  })

  test('three cancels in a row without success end the cancelling, and nobody says that nothing was sent', async ({
    shop,
  }) => {
    await shop.configure({ service: { ...hasty, cancel: hastyCancel } })
    await shop.seed(many(5, rolledBack))
    shop.provider.faults.add({ kind: 'statusBefore', status: 500, operation: 'cancel' })
    const { result } = await shop.run()
    expect(result).toMatchObject({
      exitCode: 3,
      status: 'partial',
      effect: 'unknown',
      counts: { compensated: 0 },
    })
    expect(result.warnings[0]?.message).toContain('3 cancels in a row did not succeed')
    expect(shop.provider.state.mutations()).toHaveLength(3)
  })

  test('cancels that the service takes on for later are no failures', async ({ shop }) => {
    await shop.seed(many(5, { local: 'FAILED', external: undefined }))
    for (let number = 1; number <= 5; number++) {
      const payment = { id: `pay_${number}`, orderId: `o-${number}`, amount: '12.30', currency: 'EUR' }
      shop.provider.state.create({ ...payment, asynchronousRefunds: {} })
    }
    const { result } = await shop.run()
    expect(result).toMatchObject({ exitCode: 3, detail: { endings: { accepted: 5 } } })
    expect(shop.provider.state.mutations()).toHaveLength(5)
  })
})

test('--limit looks at so many rows, and the next run goes on with the others', async ({ shop }) => {
  await shop.seed(many(6, open))
  expect((await shop.run({ limit: 4 })).result.counts).toMatchObject({ examined: 4, fixed: 4 })
  expect((await shop.run({ limit: 8 })).result.counts).toMatchObject({ fixed: 2 })
  expect(await statusesHere(shop)).toEqual(many(6, 'PAID'))
})

test('a run at its time limit ends with 124 and the next one goes on', async ({ shop }) => {
  await shop.seed([...everyKind, ...everyKind])
  const control = createStopControl(systemClock, 20_000)
  let asked = 0
  const { result } = await shop.run({
    control,
    emit: (event) => {
      if (event.type === 'stepProgress' && ++asked === 3) control.request('timeLimit')
    },
  })
  control.release()
  expect(result).toMatchObject({ exitCode: 124, status: 'stopped', error: { code: 'run.timeLimit' } })
  const next = await shop.run()
  expect(next.result.exitCode).toBe(0)
  expect(await statusesHere(shop)).not.toContain('PENDING')
})
