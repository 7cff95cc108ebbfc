import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { unreachable } from '../../../../src/lib/errors.ts'
import type { ReconcileShop } from '../../../support/reconcile-shop.ts'
import type { FaultCase } from './cases.ts'
import { cutConnections } from './cut-connections.ts'

/** The built product with one fault in it; see there. */
export const faultyBinary = fileURLToPath(new URL('../../../support/faulty-rowkeeper.mjs', import.meta.url))

/** A run with the fault in it. Fails when the fault did not happen: a fault test without its fault would always pass. */
export async function breakRun(shop: ReconcileShop, broken: FaultCase): Promise<void> {
  switch (broken.fault) {
    case 'kill':
    case 'hang':
      return endProcess(shop, broken)
    case 'throw':
      return interrupt(shop, broken, async () => {
        throw new Error(`injected at ${broken.point}`)
      })
    case 'cut':
      return interrupt(shop, broken, () => cutConnections(shop.database))
    default:
      return unreachable(broken.fault)
  }
}

async function endProcess(shop: ReconcileShop, { point, fault, at }: FaultCase): Promise<void> {
  const environment = { ROWKEEPER_FAULT: `${point}:${fault}@${at}` }
  const command = shop.startBinary(['run', 'payments'], { binary: faultyBinary, environment })
  if (fault === 'hang') {
    await command.says(`hanging at ${point}`)
    command.signal('SIGKILL')
  }
  expect(await command.ended).toMatchObject({ exitCode: undefined, signal: 'SIGKILL' })
}

async function interrupt(
  shop: ReconcileShop,
  { point, at }: FaultCase,
  happen: () => Promise<void>,
): Promise<void> {
  let reached = 0
  const running = shop.run({
    async reach(name) {
      if (name !== point) return
      reached += 1
      if (reached === at) await happen()
    },
  })
  // What it comes to is not the question here, and a fault at the very end may leave no result at all.
  await running.catch(() => {})
  expect(reached).toBeGreaterThanOrEqual(at)
}
