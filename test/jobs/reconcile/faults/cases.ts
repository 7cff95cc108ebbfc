import { seededRandom } from '../../../../src/lib/random.ts'
import { type FaultCase, faults } from '../../../support/break-run.ts'
import { mixedFates } from './truth.ts'

/** The payments of every case: 18 rows to fix and 6 payments to cancel. */
export const fates = mixedFates(36)

/** How often a run over these payments reaches each point when nothing goes wrong; a test proves it. */
export const reaches: Readonly<Record<string, number>> = {
  'run.lease-taken': 1,
  'run.page-planned': 1,
  'run.page-done': 1,
  'run.before-finish': 1,
  // Findings once, each fix, and of each cancel: intent, send, operation, conclude.
  'ledger.before-commit': 43,
  'ledger.after-commit': 43,
  'reconcile.findings-stored': 1,
  'reconcile.fix-before-commit': 18,
  'reconcile.fix-committed': 18,
  'reconcile.intent-committed': 6,
  'reconcile.sending-committed': 6,
  'reconcile.call-answered': 6,
  'reconcile.call-recorded': 6,
  'reconcile.verified': 6,
  'reconcile.conclude-before-commit': 6,
}

/** Every fault at every point: the first time, a random time, the last time. */
export function listAllCases(seed: number): readonly FaultCase[] {
  const { fraction } = seededRandom(seed)
  return Object.entries(reaches).flatMap(([point, count]) =>
    faults.flatMap((fault) => {
      const times = new Set([1, 1 + Math.floor(fraction() * count), count])
      return [...times].map((at) => ({ point, fault, at }))
    }),
  )
}

const OTHERS = 12

/** A kill at every point, the first time and a random time, and a few of the other faults. */
export function sampleCases(seed: number): readonly FaultCase[] {
  const { fraction } = seededRandom(seed)
  const pick = (count: number) => Math.floor(fraction() * count)
  const kills = Object.entries(reaches).flatMap(([point, count]) =>
    [...new Set([1, 1 + pick(count)])].map((at): FaultCase => ({ point, fault: 'kill', at })),
  )
  const others = listAllCases(seed).filter(({ fault }) => fault !== 'kill')
  return [...kills, ...Array.from({ length: OTHERS }, () => others.splice(pick(others.length), 1)).flat()]
}
