import { expect } from 'vitest'
import { type ReconcileShop, test } from '../../../support/reconcile-shop.ts'
import { everyKind, expectSafe, runUntilSettled, statusesHere } from './settle.ts'

const DAYS_2 = 2 * 24 * 60

/** Makes what was seen until now look as if it had been seen so much earlier. */
async function shiftFirstAbsence({ database }: ReconcileShop, hours: number): Promise<void> {
  await database.query('UPDATE rowkeeper_item SET first_absent_at = first_absent_at - INTERVAL ? HOUR', [
    hours,
  ])
}

async function look(shop: ReconcileShop): Promise<void> {
  await shop.makeDue()
  await shop.run()
}

const known = { local: 'PAID', external: 'PAID' } as const

test('a payment the service does not know is failed after a day, three looks and two hours', async ({
  shop,
}) => {
  await shop.seed([known, { local: 'PENDING', external: undefined, ageMinutes: DAYS_2 }])
  await look(shop)
  await look(shop)
  expect(await statusesHere(shop)).toEqual(['PAID', 'PENDING'])
  await look(shop)
  expect(await shop.items(), 'three looks, but within seconds').toContainEqual(
    expect.objectContaining({ state: 'watching', absences: 3 }),
  )
  expect(await statusesHere(shop)).toEqual(['PAID', 'PENDING'])
  await shiftFirstAbsence(shop, 3)
  await look(shop)
  expect(await statusesHere(shop)).toEqual(['PAID', 'FAILED'])
  expect(await shop.fixes()).toMatchObject([{ reference: 'o-2', action: 'mark failed' }])
})

test('two absences are not enough, however long ago', async ({ shop }) => {
  await shop.seed([known, { local: 'PENDING', external: undefined, ageMinutes: DAYS_2 }])
  await look(shop)
  await shiftFirstAbsence(shop, 30)
  await look(shop)
  expect(await statusesHere(shop)).toEqual(['PAID', 'PENDING'])
})

test('a young row waits', async ({ shop }) => {
  await shop.seed([known, { local: 'PENDING', external: undefined, ageMinutes: 23 * 60 }])
  for (let round = 1; round <= 4; round++) {
    await look(shop)
    await shiftFirstAbsence(shop, 3)
  }
  expect(await statusesHere(shop)).toEqual(['PAID', 'PENDING'])
})

test('an account that knows nothing never fails anything', async ({ shop }) => {
  const rows = Array.from({ length: 12 }, () => ({
    local: 'PENDING',
    external: undefined,
    ageMinutes: DAYS_2,
  }))
  await shop.seed([...rows, { local: 'PAID', external: undefined, ageMinutes: DAYS_2 }])
  for (let round = 1; round <= 5; round++) {
    await look(shop)
    await shiftFirstAbsence(shop, 3)
  }
  expect(new Set(await statusesHere(shop))).toEqual(new Set(['PENDING', 'PAID']))
  expect(await shop.fixes()).toEqual([])
  expect(await shop.items()).toContainEqual(
    expect.objectContaining({
      reason: expect.stringContaining('no known payment was shown to us in this run'),
    }),
  )
})

test('the newest paid rows are looked up when nothing else proves the account', async ({ shop }) => {
  await shop.configure({ job: { settled: { paid: '0%' } } })
  await shop.seed([known, { local: 'PENDING', external: undefined, ageMinutes: DAYS_2 }])
  for (let round = 1; round <= 4; round++) {
    await look(shop)
    await shiftFirstAbsence(shop, 1)
  }
  expect(await statusesHere(shop)).toEqual(['PAID', 'FAILED'])
})

test('a 404 that is not in the words of the service says nothing', async ({ shop }) => {
  await shop.configure({ service: { lookup: { ...lookup, get: '/somewhere-else/{reference}' } } })
  await shop.seed([known, { local: 'PENDING', external: undefined, ageMinutes: DAYS_2 }])
  for (let round = 1; round <= 5; round++) await look(shop)
  expect(await statusesHere(shop)).toEqual(['PAID', 'PENDING'])
  expect(await shop.items()).toMatchObject([{ absences: 0 }, { absences: 0 }])
})

const lookup = {
  read: { id: '/id', reference: '/orderId', status: '/status', amount: '/amount', currency: '/currency' },
  notFound: { status: 404, code: { pointer: '/code', equals: 'PAYMENT_NOT_FOUND' } },
  statuses: { PAID: 'paid' },
}

test('a success that shows late, after 404, is found: first as paid, and after the failure as a cancel', async ({
  shop,
}) => {
  const late = { local: 'PENDING', external: undefined, ageMinutes: DAYS_2 } as const
  await shop.seed([known, late, late])
  const appear = (number: number) =>
    shop.provider.state.create({
      id: `pay_${number}`,
      orderId: `o-${number}`,
      amount: '12.30',
      currency: 'EUR',
    })
  await look(shop)
  await look(shop)
  await shiftFirstAbsence(shop, 3)
  appear(2)
  await look(shop)
  expect(await statusesHere(shop)).toEqual(['PAID', 'PAID', 'FAILED'])
  appear(3)
  await runUntilSettled(shop)
  expect(shop.provider.state.payment('pay_3')?.status).toBe('CANCELLED')
  await expectSafe(shop)
})

test('an answer in between ends the streak', async ({ shop }) => {
  await shop.seed([known, { local: 'PENDING', external: 'PENDING', ageMinutes: DAYS_2 }])
  const vanish = () => shop.provider.faults.add({ kind: 'notFoundThenLate', payment: 'o-2' })
  for (let round = 1; round <= 4; round++) {
    const appear = vanish()
    await look(shop)
    await look(shop)
    await shiftFirstAbsence(shop, 3)
    appear()
    await look(shop)
  }
  expect(await statusesHere(shop)).toEqual(['PAID', 'PENDING'])
})

test('a temporary error leaves the streak as it is', async ({ shop }) => {
  await shop.configure({ service: { retries: 0 } })
  await shop.seed([known, { local: 'PENDING', external: undefined, ageMinutes: DAYS_2 }])
  for (let round = 1; round <= 3; round++) {
    await look(shop)
    await shiftFirstAbsence(shop, 2)
    if (round === 3) break
    shop.provider.faults.add({ kind: 'statusBefore', status: 503, payment: 'o-2', times: 1 })
    await look(shop)
  }
  expect(await statusesHere(shop)).toEqual(['PAID', 'FAILED'])
})

test('failed rows that the service does not know agree with it', async ({ shop }) => {
  await shop.seed([...everyKind, { local: 'FAILED', external: undefined }])
  const { result } = await shop.run()
  expect(result).toMatchObject({ exitCode: 0, counts: { examined: 6, matched: 2 } })
})
