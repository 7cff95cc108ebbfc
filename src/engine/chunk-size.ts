/** How large the next chunk may be, from how long the last one took. */
export interface ChunkSizing {
  readonly targetMs: number
  readonly minimum: number
  readonly maximum: number
}

/** At most this much larger at once: one lucky chunk must not make the next one a long lock. */
const GROWTH = 4

export function nextChunkSize(current: number, elapsedMs: number, sizing: ChunkSizing): number {
  const fitting = elapsedMs <= 0 ? current * GROWTH : (current * sizing.targetMs) / elapsedMs
  const bounded = Math.min(fitting, current * GROWTH, sizing.maximum)
  return Math.max(sizing.minimum, Math.round(bounded))
}
