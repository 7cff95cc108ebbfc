import { describe, expect } from 'vitest'
import { test } from '../../../support/reconcile-shop.ts'
import { mixedFates } from './truth.ts'
import { findViolations } from './violations.ts'

const fates = mixedFates(6)

async function cancelByHand(url: string, key: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: 'Bearer token-of-the-shop',
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: '{"reason":"by hand","amount":"5.00"}',
  })
  expect(response.status).toBe(200)
}

// A check that has never been seen to fail proves nothing.
describe('the checks of the fault tests', () => {
  test('find nothing after a run without any fault', async ({ shop }) => {
    await shop.seed(fates)
    expect((await shop.run()).result).toMatchObject({ exitCode: 0 })
    expect(await findViolations(shop, fates)).toEqual([])
  })

  test('see every row that was not settled', async ({ shop }) => {
    await shop.seed(fates)
    const violations = await findViolations(shop, fates)
    expect(violations).toContain('payment 1 ended as PENDING/PAID, not as PAID/PAID')
    expect(violations).toContain('payment 2 was cancelled 0 times, not 1')
    expect(violations).toContain('payment 4 has 0 audit rows, not 1')
  })

  test('see money that went back twice, and a call that nobody wrote down', async ({ shop }) => {
    await shop.seed(fates)
    await shop.run()
    const url = `${shop.provider.baseUrl}/payments/pay_1/cancel`
    for (const key of ['first-key-by-hand', 'other-key-by-hand']) await cancelByHand(url, key)
    const violations = await findViolations(shop, fates)
    expect(violations).toContain('payment 1 was cancelled 2 times, not 0')
    expect(violations.filter((text) => text.includes('has no operation with its key'))).toHaveLength(2)
  })

  test('see an intent that was written after the call, another body, and another path', async ({ shop }) => {
    await shop.seed(fates)
    await shop.run()
    await shop.database.query(
      "UPDATE rowkeeper_operation SET created_at = created_at + INTERVAL 1 SECOND, body = '{}', path = '/elsewhere'",
    )
    const violations = await findViolations(shop, fates)
    for (const text of ['came before created_at', 'another body', 'another path']) {
      expect(violations.filter((violation) => violation.includes(text))).toHaveLength(1)
    }
  })

  test('see a change without audit, one audited twice, and one audited wrongly', async ({ shop }) => {
    await shop.seed(fates)
    await shop.run()
    const copy =
      'run_id, job, key_hash, item_key, reference, action, actor, old_values, new_values, evidence, created_at'
    await shop.database.query(`
      INSERT INTO rowkeeper_fix (${copy}) SELECT ${copy} FROM rowkeeper_fix WHERE reference = 'o-1';
      DELETE FROM rowkeeper_fix WHERE reference = 'o-3';
      UPDATE rowkeeper_fix SET new_values = '{"status":"PAID"}' WHERE reference = 'o-4'`)
    expect(await findViolations(shop, fates)).toEqual([
      'payment 1 has 2 audit rows, not 1',
      'payment 3 has 0 audit rows, not 1',
      'the audit of payment 4 says UNKNOWN → PAID',
    ])
  })

  test('see an operation and a lease that were left open', async ({ shop }) => {
    await shop.seed(fates)
    await shop.run()
    await shop.database.query(`
      UPDATE rowkeeper_operation SET state = 'sending';
      INSERT INTO rowkeeper_lease VALUES ('shop.payments', 'r1', 't', 'me', UTC_TIMESTAMP() + INTERVAL 60 SECOND, NULL)`)
    expect(await findViolations(shop, fates)).toEqual([
      'the operation of o-2 is sending',
      'me still has the lease of shop.payments',
    ])
  })
})
