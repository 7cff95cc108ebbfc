import { exitCodes } from '../../lib/errors.ts'
import { formatCount, plural } from '../../lib/units.ts'
import { paint } from '../../output/style.ts'
import { renderReport } from '../../output/text.ts'
import type { Report } from '../../run/report.ts'
import { type Difference, findDifferences } from '../../sandbox/shop/differences.ts'
import { observeShop } from '../../sandbox/shop/observe.ts'
import type { Act } from './act.ts'

/** Reads both sides back and compares every payment with what must have become of it. Exit code 1 when one differs. */
export const checkTruth: Act = {
  title: () => 'The check: both sides are read back and compared with what must have become of them',
  async play({ shop, server, provider, style }) {
    const observed = await observeShop(server, provider)
    const differences = findDifferences(shop, observed)
    const payments = shop.payments.length
    const cancels = [...observed.cancels.values()].reduce((sum, count) => sum + count, 0)
    const document = { payments, cancels, differences }
    if (differences.length > 0) {
      const text = await renderReport(describeDifferences(differences), style)
      return { exitCode: exitCodes.failed, document, text }
    }
    const text = `${paint(describeSuccess(payments, cancels), 'good', style)}\n`
    return { exitCode: exitCodes.done, document, text }
  },
}

function describeSuccess(payments: number, cancels: number): string {
  const rows = plural(payments, 'payment is as it', 'payments are as they')
  return `checked: ${rows} must be, on both sides; ${plural(cancels, 'cancel')}, each exactly once`
}

const SHOWN = 20

function describeDifferences(differences: readonly Difference[]): Report {
  const orders = new Set(differences.map(({ orderId }) => orderId)).size
  return {
    headline: `checked: ${plural(orders, 'payment is', 'payments are')} not as they must be`,
    sections: [
      {
        type: 'table',
        title: `What differs (${formatCount(Math.min(SHOWN, differences.length))} of ${formatCount(differences.length)})`,
        columns: ['order', 'kind', 'what', 'must be', 'is'].map((name) => ({ name, align: 'left' })),
        rows: differences
          .slice(0, SHOWN)
          .map(({ orderId, kind, what, expected, found }) => [orderId, kind, what, expected, found]),
      },
    ],
  }
}
