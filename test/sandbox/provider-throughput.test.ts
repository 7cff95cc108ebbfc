import { Pool } from 'undici'
import { test } from 'vitest'
import { openProvider } from './provider-client.ts'

const LOOKUPS = 5_000

// Printed, not judged: client and server share this process, so the server alone can do about twice as much.
test('look-ups per second, with the client in the same process', async () => {
  const provider = await openProvider()
  for (let index = 0; index < 100; index += 1) {
    provider.state.create({ orderId: `order-${index}`, amount: '12.30', currency: 'EUR' })
  }
  const pool = new Pool(provider.baseUrl, { connections: 16 })
  let next = 0
  const work = async () => {
    while (next < LOOKUPS) {
      next += 1
      const { body } = await pool.request({ method: 'GET', path: `/payments/order-${next % 100}` })
      await body.dump()
    }
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: 16 }, work))
  const perSecond = LOOKUPS / ((performance.now() - started) / 1000)
  await pool.close()
  console.log(`provider: ${Math.round(perSecond)} look-ups per second`)
})
