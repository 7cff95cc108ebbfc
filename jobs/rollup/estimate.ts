import type { PlanContext } from '../../src/run/context.ts'
import type { Estimate } from './plan-model.ts'
import { selectCountedBefore } from './sql.ts'

/** Events per second where nothing was measured yet: a loaded server with spread keys, and an idle one. */
const GUESSED = { slowest: 5_000, fastest: 150_000 }
const EARLIER_RUNS = 10
/** A run of fewer events says more about connecting than about counting. */
const LEAST_EVENTS = 1_000

/** Undefined when there is nothing to count. */
export async function estimateCounting(
  { context }: { readonly context: PlanContext },
  events: number,
): Promise<Estimate | undefined> {
  if (events === 0) return undefined
  const rates = await readEarlierRates(context)
  const { slowest, fastest } =
    rates.length === 0 ? GUESSED : { slowest: Math.min(...rates) * 0.8, fastest: Math.max(...rates) * 1.2 }
  return {
    lowSeconds: toSeconds(events / fastest),
    highSeconds: toSeconds(events / slowest),
    basis: rates.length === 0 ? 'a guess' : 'earlier runs',
  }
}

async function readEarlierRates({ control, job, read }: PlanContext): Promise<readonly number[]> {
  if (!control.isInstalled) return []
  const runs = await read((session) =>
    session.rows(selectCountedBefore(control.schema, { job, limit: EARLIER_RUNS })),
  )
  return runs.flatMap(({ result }) => rateOf(String(result)))
}

function rateOf(document: string): readonly number[] {
  const { counts, detail } = JSON.parse(document)
  const isUsable = counts?.events >= LEAST_EVENTS && detail?.milliseconds > 0
  return isUsable ? [(counts.events / detail.milliseconds) * 1000] : []
}

function toSeconds(seconds: number): number {
  return Math.round(seconds * 10) / 10
}
