import { expect } from 'vitest'
import { test } from '../../../support/reconcile-shop.ts'
import { mixedFates } from './truth.ts'

test('while a cancel is open at the service, its intent is committed and seen by another session', async ({
  shop,
}) => {
  await shop.seed(mixedFates(36))
  const seen: unknown[] = []
  shop.onRequest(async () => {
    const entry = shop.provider.state.mutations().at(-1)
    if (entry === undefined || seen.length === shop.provider.state.counts().mutations) return
    const [operation] = await shop.database.query(
      'SELECT state, attempts, path FROM rowkeeper_operation WHERE idempotency_key = ?',
      [entry.idempotencyKey],
    )
    seen.push({ ...operation, calledPath: entry.path })
  })
  expect((await shop.run()).result.exitCode).toBe(0)
  const paths = shop.provider.state.mutations().map(({ path }) => path)
  expect(paths).toHaveLength(6)
  expect(seen).toEqual(paths.map((path) => ({ state: 'sending', attempts: 1, path, calledPath: path })))
})
