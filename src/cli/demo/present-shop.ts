import { exitCodes } from '../../lib/errors.ts'
import { formatCount } from '../../lib/units.ts'
import { renderReport } from '../../output/text.ts'
import type { Report } from '../../run/report.ts'
import { type Ending, ordinaryKind, unusualKinds } from '../../sandbox/shop/payment-kinds.ts'
import { countEndings, type EndingCount, type Shop } from '../../sandbox/shop/shop.ts'
import type { Act } from './act.ts'
import { demoSettings } from './configuration.ts'

/** Says what the shop is like, and how its payments must end: known before rowkeeper has seen the first of them. */
export const presentShop: Act = {
  title: ({ shop }) => {
    const { agrees, ...others } = countEndings(shop)
    const { payments, kinds } = sum(Object.values(others))
    const all = formatCount(agrees.payments + payments)
    return `A shop with ${all} payments, ${formatCount(payments)} of them wrong or open, in ${kinds} ways`
  },
  async play({ shop, style }) {
    const text = await renderReport(describeShop(shop), style)
    return { exitCode: exitCodes.done, document: countEndings(shop), text }
  },
}

function sum(counts: readonly EndingCount[]): EndingCount {
  return counts.reduce((total, { payments, kinds }) => ({
    payments: total.payments + payments,
    kinds: total.kinds + kinds,
  }))
}

const endingTexts: Record<Ending, string> = {
  agrees: 'left alone: both sides agree',
  fixed: 'corrected on our side',
  cancelled: 'cancelled at the provider, once',
  review: 'left to people',
  waits: 'looked at again later',
  unanswered: 'left alone: no clear answer',
  tooYoung: 'left alone: still under way',
}

function describeShop(shop: Shop): Report {
  const counts = countEndings(shop)
  const endings = Object.entries(endingTexts) as [Ending, string][]
  return {
    headline: 'How each of them must end is known beforehand; the last act checks every one.',
    sections: [
      {
        type: 'table',
        title: 'How they must end',
        columns: [
          { name: 'ending', align: 'left' },
          { name: 'payments', align: 'right' },
          { name: 'kinds', align: 'right' },
          { name: 'such as (ours, theirs)', align: 'left' },
        ],
        rows: endings.map(([ending, text]) => {
          const { payments, kinds } = counts[ending]
          return [text, formatCount(payments), formatCount(kinds), exampleOf(ending)]
        }),
      },
      {
        type: 'facts',
        title: 'What the demo sets otherwise than you might',
        facts: demoSettings.map(({ setting, reason }) => ({ label: setting, value: reason })),
      },
    ],
  }
}

const EXAMPLES = 2

function exampleOf(ending: Ending): string {
  const kinds = [ordinaryKind, ...unusualKinds].filter((kind) => kind.ending === ending)
  return kinds
    .slice(0, EXAMPLES)
    .map(({ name }) => name)
    .join('; ')
}
