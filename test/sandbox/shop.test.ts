import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/lib/random.ts'
import { openPayment } from '../../src/sandbox/provider/new-payment.ts'
import type { Payment } from '../../src/sandbox/provider/payment.ts'
import { findDifferences } from '../../src/sandbox/shop/differences.ts'
import type { Observed } from '../../src/sandbox/shop/observe.ts'
import { type Ending, unusualKinds } from '../../src/sandbox/shop/payment-kinds.ts'
import type { ShopPayment } from '../../src/sandbox/shop/payment-sides.ts'
import { countEndings, generateShop, type Shop, smallestShop } from '../../src/sandbox/shop/shop.ts'

const now = new Date('2026-11-22T03:00:00.000Z')
const HOUR = 3_600_000

function makeShop(rows: number, seed = 1): Shop {
  return generateShop({ rows, random: seededRandom(seed), now })
}

function findPayment(shop: Shop, name: string): ShopPayment {
  const found = shop.payments.find(({ kind }) => kind.name === name)
  if (found === undefined) throw new Error(`no payment of the kind ${name}`)
  return found
}

const ageOf = ({ row }: ShopPayment) => now.getTime() - row.createdAt.getTime()

describe('a made-up shop', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(makeShop(200)).toEqual(makeShop(200))
    expect(makeShop(200, 2)).not.toEqual(makeShop(200))
  })

  it('is mostly right, and wrong or open in every way the demo shows', () => {
    const counts = countEndings(makeShop(20_000))
    expect(counts.agrees.payments / 20_000).toBeGreaterThan(0.94)
    expect(counts.cancelled.payments).toBe(214)
    const kinds = Object.values(counts).reduce((sum, count) => sum + count.kinds, 0)
    expect(kinds).toBe(unusualKinds.length + 1)
    expect(kinds - counts.agrees.kinds).toBeGreaterThanOrEqual(12)
  })

  it.each([1, 2, 3])('has every kind also when it is as small as it may be (seed %i)', (seed) => {
    const shop = makeShop(smallestShop, seed)
    expect(shop.payments).toHaveLength(smallestShop)
    expect(new Set(shop.payments.map(({ kind }) => kind)).size).toBe(unusualKinds.length + 1)
  })

  it('numbers its rows from the oldest on, each with an order of its own', () => {
    const { payments } = makeShop(1000)
    expect(payments.map(({ row }) => row.id)).toEqual(payments.map((_, index) => index + 1))
    expect(new Set(payments.map(({ row }) => row.orderId)).size).toBe(1000)
    const times = payments.map(({ row }) => row.createdAt.getTime())
    expect(times).toEqual(times.toSorted((one, other) => one - other))
  })

  it('keeps away from the edges of grace time, not-found time and look-back', () => {
    const { payments } = makeShop(20_000)
    const agesOf = (name: string) => payments.filter(({ kind }) => kind.name === name).map(ageOf)
    expect(Math.max(...agesOf('just begun'))).toBeLessThanOrEqual(20_000)
    expect(Math.max(...agesOf('not found, young'))).toBeLessThan(21 * HOUR)
    expect(Math.min(...agesOf('not found, old'))).toBeGreaterThan(47 * HOUR)
    const others = payments.filter(({ kind }) => kind.age !== 'seconds').map(ageOf)
    expect(Math.min(...others)).toBeGreaterThanOrEqual(10 * 60_000)
    expect(Math.max(...others)).toBeLessThanOrEqual(29 * 24 * HOUR)
  })

  it('writes amounts with the decimals of their currency, such as the provider takes', () => {
    const { payments } = makeShop(2000)
    const decimals = new Map(payments.map(({ row }) => [row.currency, row.amount.split('.')[1]?.length ?? 0]))
    expect(Object.fromEntries(decimals)).toEqual({ KRW: 0, USD: 2, EUR: 2, KWD: 3 })
    const remote = payments.flatMap((payment) => payment.remote)
    expect(() => remote.map((payment) => openPayment(payment, now, seededRandom(1)))).not.toThrow()
  })
})

describe('both sides of a payment', () => {
  const shop = makeShop(smallestShop)

  it('agree in everything when they agree', () => {
    const { row, remote } = findPayment(shop, 'paid here and there')
    expect(remote).toEqual([expect.objectContaining({ amount: row.amount, currency: row.currency })])
    expect(row.paymentKey).toBe(remote[0]?.id)
    expect(row.orderId).toBe(remote[0]?.orderId)
  })

  it('differ in exactly the one thing that is odd', () => {
    const amount = findPayment(shop, 'another amount')
    expect(amount.remote[0]?.amount).not.toBe(amount.row.amount)
    expect(amount.remote[0]?.currency).toBe(amount.row.currency)
    const currency = findPayment(shop, 'another currency')
    expect(currency.remote[0]).toMatchObject({ amount: currency.row.amount, currency: 'EUR' })
    expect(currency.row.currency).toBe('USD')
    const payment = findPayment(shop, 'another payment')
    expect(payment.remote[0]).toMatchObject({ amount: payment.row.amount, currency: payment.row.currency })
    expect(payment.row.paymentKey).not.toBe(payment.remote[0]?.id)
    const refund = findPayment(shop, 'another refund')
    expect(Number(refund.remote[0]?.refunded)).toBeLessThan(Number(refund.row.refunded))
  })

  it('know of each other what the application was told', () => {
    expect(findPayment(shop, 'pending, paid').row.paymentKey).toBeNull()
    expect(findPayment(shop, 'not found, old').remote).toEqual([])
    expect(findPayment(shop, 'charged twice').remote).toHaveLength(2)
    expect(findPayment(shop, 'rolled back but shipped').row.shippedAt).toBeInstanceOf(Date)
    expect(findPayment(shop, 'disputed here').row.isDisputed).toBe(true)
  })

  it('come with the fault the provider shows for them, and for them alone', () => {
    const faulty = shop.payments.filter(({ fault }) => fault !== undefined)
    expect(faulty.map(({ fault }) => fault?.payment)).toEqual(faulty.map(({ row }) => row.orderId))
    expect(new Set(faulty.map(({ kind }) => kind.name))).toEqual(
      new Set(['temporary error', 'unreadable answer', 'no longer kept there']),
    )
  })
})

describe('the check', () => {
  const shop = makeShop(smallestShop)
  const right = observeRight(shop)

  it('finds nothing when everything is as it must be', () => {
    expect(findDifferences(shop, right)).toEqual([])
  })

  it('finds every payment that nobody touched although it had to be', () => {
    const untouched: Observed = {
      statuses: new Map(shop.payments.map(({ row }) => [row.orderId, row.status])),
      reviews: new Set(),
      changes: new Map(),
      remote: new Map(
        shop.payments.flatMap(({ remote }) => remote.map((one) => [one.id, toPayment(one)] as const)),
      ),
      cancels: new Map(),
    }
    const found = new Set(findDifferences(shop, untouched).map(({ orderId }) => orderId))
    const endings = new Set<Ending>(['fixed', 'cancelled', 'review'])
    const must = shop.payments.filter(({ kind }) => endings.has(kind.ending)).map(({ row }) => row.orderId)
    expect([...found].toSorted()).toEqual(must.toSorted())
  })

  it('finds a status that should have stayed', () => {
    const { row } = findPayment(shop, 'just begun')
    const observed = { ...right, statuses: new Map([...right.statuses, [row.orderId, 'PAID']]) }
    expect(findDifferences(shop, observed)).toEqual([
      { orderId: row.orderId, kind: 'just begun', what: 'our status', expected: 'PENDING', found: 'PAID' },
    ])
  })

  it('finds a row that is gone, a change without its audit row, and one left to people for no reason', () => {
    const { row } = findPayment(shop, 'pending, paid')
    const without = <V>(map: ReadonlyMap<string, V>) =>
      new Map([...map].filter(([orderId]) => orderId !== row.orderId))
    const observed = {
      ...right,
      statuses: without(right.statuses),
      changes: without(right.changes),
      reviews: new Set([...right.reviews, row.orderId]),
    }
    expect(findDifferences(shop, observed).map(({ what, found }) => `${what}: ${found}`)).toEqual([
      'our status: no row',
      'review: left to people',
      'audit rows: 0',
    ])
  })

  it('finds a second cancel, and a cancel of a payment nobody wanted cancelled', () => {
    const twice = findPayment(shop, 'failed, paid').remote[0]?.id ?? ''
    const wrongly = findPayment(shop, 'paid here and there').remote[0]?.id ?? ''
    const observed = { ...right, cancels: new Map([...right.cancels, [twice, 2], [wrongly, 1]]) }
    expect(
      findDifferences(shop, observed)
        .map(({ what, expected, found }) => `${what}: ${expected}, not ${found}`)
        .toSorted(),
    ).toEqual([`cancels of ${twice}: 1, not 2`, `cancels of ${wrongly}: 0, not 1`].toSorted())
  })

  it('finds what came into being on either side', () => {
    const stranger = toPayment({ id: 'pay_new', orderId: 'order-new', amount: '1', currency: 'KRW' })
    const observed = {
      ...right,
      statuses: new Map([...right.statuses, ['order-new', 'PAID']]),
      remote: new Map([...right.remote, [stranger.id, stranger]]),
    }
    expect(findDifferences(shop, observed).map(({ what, found }) => [what, found])).toEqual([
      ['a row', 'order-new'],
      ['a payment', 'pay_new'],
    ])
  })
})

function toPayment(details: Parameters<typeof openPayment>[0]): Payment {
  return openPayment(details, now, seededRandom(1))
}

/** Both sides after everything was done right, put together from the kinds. */
function observeRight({ payments }: Shop): Observed {
  const having = (...endings: Ending[]) => payments.filter(({ kind }) => endings.includes(kind.ending))
  return {
    statuses: new Map(payments.map(({ kind, row }) => [row.orderId, kind.after ?? row.status])),
    reviews: new Set(having('review').map(({ row }) => row.orderId)),
    changes: new Map(having('fixed', 'cancelled').map(({ row }) => [row.orderId, 1])),
    remote: new Map(
      payments.flatMap(({ kind, remote }) =>
        remote.map((one) => {
          const status = kind.ending === 'cancelled' ? 'CANCELLED' : one.status
          return [one.id, toPayment({ ...one, status })] as const
        }),
      ),
    ),
    cancels: new Map(having('cancelled').flatMap(({ remote }) => remote.map(({ id }) => [id, 1] as const))),
  }
}
