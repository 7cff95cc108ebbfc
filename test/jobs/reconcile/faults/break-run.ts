import { type Breakable, breakRun, type FaultCase } from '../../../support/break-run.ts'
import { cutConnections } from '../../../support/cut-connections.ts'
import type { ReconcileShop } from '../../../support/reconcile-shop.ts'

/** A run of the shop's job with the fault in it. */
export function breakShopRun(shop: ReconcileShop, broken: FaultCase): Promise<void> {
  const target: Breakable = {
    start: (options) => shop.startBinary(['run', 'payments'], options),
    run: (options) => shop.run(options),
    cut: () => cutConnections(shop.database),
  }
  return breakRun(target, broken)
}
