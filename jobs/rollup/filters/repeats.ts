import type { Transaction } from '../../../src/db/session.ts'
import type { ReadEvent } from '../fold/read-event.ts'
import type { CountScene } from '../scene.ts'
import { claimMarks } from '../seen/claim.ts'
import { createMark, type Mark } from '../seen/mark.ts'
import { windowStart } from './window.ts'

export interface Sifted {
  readonly kept: readonly ReadEvent[]
  readonly repeats: readonly ReadEvent[]
}

/**
 * Parts what counts from what the same viewer did again with the same object inside one window. Events of bots, and of
 * nobody, are no repeats and make none.
 */
export async function siftRepeats(
  transaction: Transaction,
  scene: CountScene,
  events: readonly ReadEvent[],
): Promise<Sifted> {
  const { repeats } = scene.settings.options.filters
  if (repeats === undefined) return { kept: events, repeats: [] }
  const marks = events.map((event) => markOf(event, repeats.window))
  const distinct = new Map(marks.flatMap((mark) => (mark === undefined ? [] : [[mark.digest, mark]])))
  const fresh = new Set(await claimMarks(transaction, scene, [...distinct.values()]))
  const sifted = { kept: [] as ReadEvent[], repeats: [] as ReadEvent[] }
  for (const [index, event] of events.entries()) {
    const mark = marks[index]
    const isFirst = mark === undefined || fresh.delete(mark.digest)
    sifted[isFirst ? 'kept' : 'repeats'].push(event)
  }
  return sifted
}

function markOf({ group, series, minute, viewer }: ReadEvent, windowMs: number): Mark | undefined {
  if (viewer === null || series === 'bots') return undefined
  return createMark('repeat', windowStart(minute, windowMs), [...group, viewer])
}
