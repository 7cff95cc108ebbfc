import type { Clock } from '../lib/clock.ts'
import { plural } from '../lib/units.ts'

export interface RepeatLimit {
  /** True when the line may be shown. What was held back is told at the first line of the next window, and by `flush`. */
  admit(kind: string): boolean
  /** Tells what is still held back. */
  flush(): void
}

const WINDOW = 15_000
const LINES_PER_WINDOW = 10

/**
 * An outage of a service makes thousands of equal lines and hides the one that matters. Of each kind ten lines in 15 s
 * are shown; `tell` gets the number of the others.
 */
export function createRepeatLimit(clock: Clock, tell: (kind: string, heldBack: number) => void): RepeatLimit {
  const windows = new Map<string, { readonly since: number; readonly seen: number }>()
  const close = (kind: string) => {
    const heldBack = (windows.get(kind)?.seen ?? 0) - LINES_PER_WINDOW
    windows.delete(kind)
    if (heldBack > 0) tell(kind, heldBack)
  }
  return {
    admit(kind) {
      if (clock.elapsed() - (windows.get(kind)?.since ?? 0) >= WINDOW) close(kind)
      const { since, seen } = windows.get(kind) ?? { since: clock.elapsed(), seen: 0 }
      windows.set(kind, { since, seen: seen + 1 })
      return seen < LINES_PER_WINDOW
    },
    flush: () => [...windows.keys()].forEach(close),
  }
}

/** `15 more lines of this kind (retrying) not shown` */
export function describeHeldBack(kind: string, heldBack: number): string {
  return `${plural(heldBack, 'more line')} of this kind (${kind}) not shown`
}
