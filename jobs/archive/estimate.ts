import type { Estimate, ExchangeStep } from './plan-model.ts'
import type { PlanScene } from './scene.ts'
import { selectMovedBefore } from './sql.ts'

/**
 * Rows per second where nothing was measured yet: a loaded server with wide rows and many indexes, and an idle one with
 * narrow rows (both servers on two cores, rows of 200 bytes: 30,000 to 60,000).
 */
const GUESSED = { slowest: 2_000, fastest: 60_000 }
const EARLIER_RUNS = 10
/** A run of fewer rows says more about connecting than about moving. */
const LEAST_ROWS = 1_000

/** Seconds of an exchange and of a million rows in it, which are read once. Both servers on two cores: 0.2 to 0.4, and 2. */
const EXCHANGE = { fastest: 0.2, slowest: 3, fastestMillion: 1, slowestMillion: 10 }

/** `rows`: in batches. Undefined when there is nothing to move. */
export async function estimateMove(
  scene: Pick<PlanScene, 'context'>,
  rows: number,
  exchanges: readonly Pick<ExchangeStep, 'rows'>[] = [],
): Promise<Estimate | undefined> {
  if (rows === 0 && exchanges.length === 0) return undefined
  const millions = exchanges.reduce((sum, step) => sum + step.rows, 0) / 1e6
  const rates = await readEarlierRates(scene)
  const { slowest, fastest } =
    rates.length === 0 ? GUESSED : { slowest: Math.min(...rates) * 0.8, fastest: Math.max(...rates) * 1.2 }
  return {
    lowSeconds: toSeconds(
      rows / fastest + exchanges.length * EXCHANGE.fastest + millions * EXCHANGE.fastestMillion,
    ),
    highSeconds: toSeconds(
      rows / slowest + exchanges.length * EXCHANGE.slowest + millions * EXCHANGE.slowestMillion,
    ),
    basis: rates.length === 0 ? 'a guess' : 'earlier runs',
  }
}

async function readEarlierRates({ context }: Pick<PlanScene, 'context'>): Promise<readonly number[]> {
  const { control, job } = context
  if (!control.isInstalled) return []
  const runs = await context.read((session) =>
    session.rows(selectMovedBefore(control.schema, { job, limit: EARLIER_RUNS })),
  )
  return runs.flatMap(({ result }) => rateOf(String(result)))
}

function rateOf(document: string): readonly number[] {
  const { moved } = JSON.parse(document).detail ?? {}
  const isUsable = moved?.rows >= LEAST_ROWS && moved?.milliseconds > 0
  return isUsable ? [(moved.rows / moved.milliseconds) * 1000] : []
}

function toSeconds(seconds: number): number {
  return Math.round(seconds * 10) / 10
}
