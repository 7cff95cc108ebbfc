import type { KeyCells } from '../events/key.ts'

/** One walk through the events that several workers take from, from the first key to the last and once more. */
export interface SharedWalk {
  /**
   * Looks for the next events, one worker at a time: `look` gets the last key that was taken and answers the last one it
   * takes. Side by side two workers would both go through what the first has locked.
   */
  take<T>(look: (behind: KeyCells | undefined) => Promise<Taken<T>>): Promise<T>
  /** What a worker came to in pass number `pass`. */
  found(pass: number, batch: FoundBatch): void
  /** How many times the walk has been begun anew. */
  readonly pass: number
  readonly isOver: boolean
}

interface Taken<T> {
  readonly value: T
  readonly last: KeyCells | undefined
}

export interface FoundBatch {
  readonly asked: number
  readonly locked: number
  readonly counted: number
  /** Events that a batch may have. */
  readonly most: number
}

/**
 * A pass that began at the first key and found less than one batch is the last: what was committed late, or held by
 * somebody else a moment ago, is found by the pass after, and there is always a moment that is too late for this run.
 */
export function createWalk(): SharedWalk {
  let pass = 0
  let counted = 0
  let behind: KeyCells | undefined
  let isOver = false
  let turn: Promise<unknown> = Promise.resolve()

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work)
    turn = mine.catch(() => {})
    return mine
  }
  return {
    take: (look) =>
      inTurn(async () => {
        const { value, last } = await look(behind)
        behind = last ?? behind
        return value
      }),
    found(ofPass, batch) {
      counted += batch.counted
      if (ofPass !== pass || batch.locked >= batch.asked) return
      if (counted < batch.most) isOver = true
      pass += 1
      counted = 0
      behind = undefined
    },
    get pass() {
      return pass
    },
    get isOver() {
      return isOver
    },
  }
}
