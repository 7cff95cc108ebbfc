import { exitCodes } from '../../lib/errors.ts'
import { formatCount, plural } from '../../lib/units.ts'
import { paint, type TextStyle } from '../../output/style.ts'
import { renderReport } from '../../output/text.ts'
import { findMisplaced, type Misplaced, observeOrders, type Pile } from '../../sandbox/shop/orders.ts'
import type { Act } from './act.ts'

/** Adds up every row of all four tables, by month, and compares with what was added up before. Exit code 1 when one differs. */
export const checkOrders: Act = {
  title: () => 'The check: every order and item is in one of two tables, as it was and in its month',
  async play({ orders, server, style }) {
    const misplaced = findMisplaced(orders, await observeOrders(server))
    const document = { rows: countRows(orders), archived: countRows(orders.filter(isArchived)), misplaced }
    if (misplaced.length > 0)
      return { exitCode: exitCodes.failed, document, text: await describeMisplaced(misplaced, style) }
    const text = `${paint(describeSuccess(document), 'good', style)}\n`
    return { exitCode: exitCodes.done, document, text }
  },
}

function isArchived({ place }: Pile): boolean {
  return place === 'archive'
}

function countRows(piles: readonly Pile[]): number {
  return piles.reduce((sum, { rows }) => sum + rows, 0)
}

function describeSuccess({ rows, archived }: { readonly rows: number; readonly archived: number }): string {
  const all = plural(rows, 'row is in exactly one table', 'rows are in exactly one table each')
  return `checked: ${all}, byte for byte as before; ${formatCount(archived)} of them in the archive, each in its month`
}

export function describeMisplaced(misplaced: readonly Misplaced[], style: TextStyle): Promise<string> {
  return renderReport(
    {
      headline: `checked: ${plural(misplaced.length, 'month')} of a table not as they must be`,
      sections: [
        {
          type: 'table',
          title: 'What differs (equal counts: other values)',
          columns: [
            { name: 'table', align: 'left' },
            { name: 'place', align: 'left' },
            { name: 'month', align: 'left' },
            { name: 'rows that must be', align: 'right' },
            { name: 'rows that are', align: 'right' },
          ],
          rows: misplaced.map(({ table, place, month, mustBe, found }) => [
            table,
            place,
            month === '' ? 'none' : month,
            formatCount(mustBe),
            formatCount(found),
          ]),
        },
      ],
    },
    style,
  )
}
