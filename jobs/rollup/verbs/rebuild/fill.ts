import type { Row } from '../../../../src/db/connection.ts'
import { explainCounters } from '../../counters/errors.ts'
import { toDigits } from '../../fold/amount.ts'
import { additiveMeasures } from '../verify/additive.ts'
import { bucketsOf, type Span, stretchesOf } from './asked.ts'
import { compareWithShadow } from './differences-sql.ts'
import { addVanished, fillLarger, fillSmallest, removeEqual } from './fill-sql.ts'
import type { RebuildScene } from './scene.ts'

/** A day, or a month where nothing smaller is counted, of which counters differ. */
export interface ChangedDay {
  readonly day: string
  /** So many of the smallest size. */
  readonly counters: number
  /** By measure, what is added to their sum. Units of the last digit. */
  readonly changes: readonly bigint[]
}

/**
 * Counts the events into the shadow, a day at a time, and sums the larger buckets; no counter changes. What is right
 * already leaves it again, so that what is left is what has to be set.
 */
export async function fillShadow(scene: RebuildScene): Promise<readonly ChangedDay[]> {
  const days: ChangedDay[] = []
  scene.progress.begin()
  for (const stretch of stretchesOf(scene.asked, scene.counters.sizes[0])) {
    await beforeNext(scene)
    days.push(...(await fillStretch(scene, stretch)))
    scene.progress.add(1)
    await scene.context.reach('rollup.shadow-filled')
  }
  await sumLarger(scene)
  await keepDifferent(scene)
  scene.progress.end()
  return days
}

async function beforeNext({ context, pace }: RebuildScene): Promise<void> {
  context.stop.throwIfAborted()
  await pace.ready()
}

function fillStretch(scene: RebuildScene, stretch: Span): Promise<readonly ChangedDay[]> {
  const { context, counters, source, shadow } = scene
  return context.transact('count anew', async (transaction) => {
    await transaction
      .change(fillSmallest(shadow.name, source, counters, stretch))
      .catch((error) => explainCounters(error, counters))
    const rows = await transaction.rows(compareWithShadow(shadow.name, counters, stretch))
    return rows.map((row) => toChangedDay(scene, row))
  })
}

export function toChangedDay({ counters }: Pick<RebuildScene, 'counters'>, row: Row): ChangedDay {
  return {
    day: String(row.period),
    counters: Number(row.counters),
    changes: additiveMeasures(counters).map(({ scale }, position) =>
      toDigits(String(row[`change_${position}`]), scale),
    ),
  }
}

/** The smaller ones of each are in the shadow by then. */
async function sumLarger(scene: RebuildScene): Promise<void> {
  const { context, counters, shadow, asked } = scene
  const [smallest, ...larger] = counters.sizes
  let smaller = smallest
  for (const size of larger) {
    for (const bucket of bucketsOf(asked, size)) {
      await beforeNext(scene)
      await context.transact('sum anew', (transaction) =>
        transaction
          .change(fillLarger(shadow.name, counters, { size, smaller, bucket, asked }))
          .catch((error) => explainCounters(error, counters)),
      )
      await context.reach('rollup.shadow-summed')
    }
    smaller = size
  }
}

async function keepDifferent(scene: RebuildScene): Promise<void> {
  const { context, counters, shadow, asked } = scene
  for (const size of counters.sizes)
    for (const stretch of stretchesOf(asked, size)) {
      await beforeNext(scene)
      await context.transact('compare', async (transaction) => {
        await transaction.change(addVanished(shadow.name, counters, size, stretch))
        await transaction.change(removeEqual(shadow.name, counters, size, stretch))
      })
      await context.reach('rollup.shadow-compared')
    }
}
