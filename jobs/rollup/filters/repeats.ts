import type { Transaction } from '../../../src/db/session.ts'
import type { ReadEvent } from '../fold/read-event.ts'
import type { CountScene } from '../scene.ts'

/** Leaves out what the same viewer did again with the same object inside one window. */
export async function dropRepeats(
  _transaction: Transaction,
  { settings }: CountScene,
  events: readonly ReadEvent[],
): Promise<readonly ReadEvent[]> {
  if (settings.options.filters.repeats === undefined) return events
  return events
}
