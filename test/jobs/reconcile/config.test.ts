import { describe, expect, it } from 'vitest'
import { reconcileSchema } from '../../../jobs/reconcile/config.ts'
import { DAY, HOUR, MINUTE } from './sample.ts'

const least = {
  table: 'payments',
  key: ['id'],
  columns: { reference: 'order_id', status: 'status', amount: 'amount', createdAt: 'created_at' },
  statuses: { paid: ['PAID'], failed: ['FAILED'] },
}

/** The path and sentence of each problem. */
function problemsOf(more: Readonly<Record<string, unknown>>): string[] {
  const { error } = reconcileSchema.safeParse({ ...least, ...more })
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
}

describe('the options of a reconcile job', () => {
  it('have these defaults', () => {
    expect(reconcileSchema.parse(least)).toEqual({
      ...least,
      write: {},
      amountUnit: 'major',
      settled: { paid: 0.02, refunded: 0.02, partial: 0.02 },
      lookBack: 30 * DAY,
      grace: 5 * MINUTE,
      notFoundAfter: 24 * HOUR,
      where: '',
      blockCompensation: '',
      actions: { markPaid: 'auto', markFailed: 'auto', markRefunded: 'auto', compensate: 'review' },
      limits: { maxFixes: 500, maxChangedRatio: 0.05, maxAmount: {} },
    })
  })

  it('never cancel by themselves unless told to', () => {
    expect(reconcileSchema.parse({ ...least, actions: {} }).actions.compensate).toBe('review')
  })

  it('name a status under one class only', () => {
    expect(problemsOf({ statuses: { paid: ['PAID', 'DONE'], failed: ['DONE'] } })).toEqual([
      'statuses: "DONE" stands under paid and failed',
    ])
  })

  it.each([
    [{ tabel: 'payments' }, ''],
    [{ key: [] }, 'key'],
    [{ statuses: { payed: ['PAID'] } }, 'statuses'],
    [{ statuses: { paid: [] } }, 'statuses.paid'],
    [{ statuses: { paid: [''] } }, 'statuses.paid.0'],
    [{ columns: { reference: 'order_id' } }, 'columns.status'],
    [{ actions: { compensate: 'always' } }, 'actions.compensate'],
    [{ actions: { delete: 'auto' } }, 'actions'],
    [{ settled: { failed: '2%' } }, 'settled'],
    [{ settled: { paid: '200%' } }, 'settled.paid'],
    [{ lookBack: '0s' }, 'lookBack'],
    [{ grace: 5 }, 'grace'],
    [{ limits: { maxFixes: -1 } }, 'limits.maxFixes'],
    [{ limits: { maxFixes: 1.5 } }, 'limits.maxFixes'],
    [{ limits: { maxAmount: { EUR: '1,000' } } }, 'limits.maxAmount.EUR'],
    [{ limits: { maxAmount: { EUR: '1e3' } } }, 'limits.maxAmount.EUR'],
    [{ amountUnit: 'cents' }, 'amountUnit'],
    [{ table: 'shop.payments' }, 'table'],
  ])('refuse %j', (more, path) => {
    const problems = problemsOf(more)
    expect(problems).not.toEqual([])
    expect(
      problems.some((problem) => problem.startsWith(`${path}:`)),
      problems.join('; '),
    ).toBe(true)
  })

  it('keep amounts exact', () => {
    const { limits } = reconcileSchema.parse({ ...least, limits: { maxAmount: { KRW: '9007199254740993' } } })
    expect(limits.maxAmount.KRW).toBe('9007199254740993')
  })

  it('name at least one status: without one there is nothing to look at', () => {
    expect(problemsOf({ statuses: {} })).not.toEqual([])
  })
})
