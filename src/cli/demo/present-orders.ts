import { exitCodes } from '../../lib/errors.ts'
import { formatCount, plural } from '../../lib/units.ts'
import { renderReport } from '../../output/text.ts'
import type { Report } from '../../run/report.ts'
import type { Fate, OrderTable } from '../../sandbox/shop/order-sql.ts'
import type { FatedPile } from '../../sandbox/shop/orders.ts'
import type { Act } from './act.ts'

/** Says what the shop's orders are like, and where each must be in the end: known before rowkeeper has seen the first. */
export const presentOrders: Act = {
  title: ({ orders }) => {
    const count = formatCount(countRows(orders, 'orders'))
    return `The same shop has ${count} orders of 30 months; those older than 13 months shall go`
  },
  async play({ orders, style }) {
    const fates = Object.fromEntries(
      Object.keys(fateTexts).map((fate) => {
        const piles = orders.filter((pile) => pile.fate === fate)
        return [fate, { orders: countRows(piles, 'orders'), items: countRows(piles, 'order_items') }]
      }),
    )
    return {
      exitCode: exitCodes.done,
      document: fates,
      text: await renderReport(describeOrders(orders), style),
    }
  },
}

function countRows(piles: readonly FatedPile[], table: OrderTable): number {
  return piles.filter((pile) => pile.table === table).reduce((sum, { rows }) => sum + rows, 0)
}

const fateTexts: Record<Fate, string> = {
  archived: 'moved to the archive tables',
  young: 'left alone: younger than 13 months',
  open: 'left alone: old, but still open',
  undated: 'left alone: never placed, so without an age',
}

function describeOrders(orders: readonly FatedPile[]): Report {
  const items = plural(countRows(orders, 'order_items'), 'item')
  return {
    headline: `With them go their ${items}: the last act checks every row, by checksums taken before.`,
    sections: [
      {
        type: 'table',
        title: 'What must become of them',
        columns: [
          { name: 'ending', align: 'left' },
          { name: 'orders', align: 'right' },
          { name: 'their items', align: 'right' },
        ],
        rows: (Object.entries(fateTexts) as [Fate, string][]).map(([fate, text]) => {
          const piles = orders.filter((pile) => pile.fate === fate)
          return [text, formatCount(countRows(piles, 'orders')), formatCount(countRows(piles, 'order_items'))]
        }),
      },
    ],
  }
}
