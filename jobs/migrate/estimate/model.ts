import { formatDuration } from '../../../src/lib/units.ts'
import type { TimeEstimate } from '../result-model.ts'
import type { MigrationProgress, Phase } from '../state/model.ts'
import type { Forecast } from './forecast.ts'

/** Making and removing tables and triggers, catching up, the swap. */
const REST_MS = 1500

/** How far the truth may lie from it. Without a measurement nobody knows the disks: the range is wide, and says so. */
const ranges: Readonly<Record<Forecast['basis'], { readonly low: number; readonly high: number }>> = {
  measured: { low: 0.67, high: 1.5 },
  typical: { low: 0.3, high: 6 },
}

const words: Readonly<Record<Forecast['basis'], string>> = {
  measured: 'rows of this table copied into an empty one and timed',
  typical:
    'a wide guess from the size of the table; rowkeeper migrate plan --measure copies some rows to know better',
}

export function toTimeEstimate(forecast: Forecast): TimeEstimate {
  const { copyMs, indexMs, checkMs, basis, diskBytes } = forecast
  return {
    ...spread((copyMs + indexMs + checkMs + REST_MS) / 1000, basis),
    diskBytes,
    basis: words[basis],
  }
}

/** `4.3 s to 1 min 25 s, most likely 14 s`. */
export function describeRange({ lowSeconds, likelySeconds, highSeconds }: Range): string {
  const [low, likely, high] = [lowSeconds, likelySeconds, highSeconds].map((seconds) =>
    formatDuration(seconds * 1000),
  )
  return `${low} to ${high}, most likely ${likely}`
}

export interface Range {
  readonly lowSeconds: number
  readonly likelySeconds: number
  readonly highSeconds: number
}

function spread(seconds: number, basis: Forecast['basis']): Range {
  const { low, high } = ranges[basis]
  return { lowSeconds: seconds * low, likelySeconds: seconds, highSeconds: seconds * high }
}

/**
 * What is left, all phases to come included. What has been done says how far the forecast is off, and the rest is scaled
 * by that. Undefined while an operator or the hour decides, and before anything is known.
 */
export function estimateRemaining(
  forecast: Forecast,
  phase: Phase,
  progress: MigrationProgress,
): Range | undefined {
  if (phase === 'holding' || phase === 'done') return undefined
  const parts = listParts(forecast, phase, progress)
  const done = parts.reduce((sum, part) => sum + part.doneMs, 0)
  const spent = parts.reduce((sum, part) => sum + (part.doneMs > 0 ? part.spentMs : 0), 0)
  // A second says nothing yet.
  const factor = done > 1000 && spent > 1000 ? spent / done : 1
  const left = parts.reduce((sum, part) => sum + part.leftMs, 0) * factor
  const seconds = (left + REST_MS / 2) / 1000
  const basis = done > 5000 ? 'measured' : forecast.basis
  return spread(seconds, basis)
}

interface Part {
  readonly doneMs: number
  readonly spentMs: number
  readonly leftMs: number
}

const order: readonly Phase[] = ['preparing', 'copying', 'indexing', 'catchingUp', 'checking', 'holding']

function listParts(
  { copyMs, indexMs, checkMs, rows }: Forecast,
  phase: Phase,
  { phaseMs, rowsCopied, rowsChecked }: MigrationProgress,
): readonly Part[] {
  const now = order.indexOf(phase)
  const part = (of: Phase, expectedMs: number, fraction: number): Part => {
    const place = order.indexOf(of)
    const share = now === -1 || place < now ? 1 : place > now ? 0 : fraction
    return { doneMs: expectedMs * share, spentMs: phaseMs[of] ?? 0, leftMs: expectedMs * (1 - share) }
  }
  return [
    part('copying', copyMs, fractionOf(rowsCopied, rows)),
    part('indexing', indexMs, 0),
    part('checking', checkMs, fractionOf(rowsChecked, rows)),
  ]
}

/** Never all of it while there is work: the number of rows is an estimate too. */
export function fractionOf(done: number, rows: number): number {
  return Math.min(0.99, done / Math.max(1, rows))
}
