import type { KeyCells } from '../events/key.ts'

/** One walk through the events that several workers take from, from the first key to the last and once more. */
export interface SharedWalk {
  /**
   * Looks for the next events, one worker at a time: `look` gets the last key that was taken and answers the last one it
   * takes. Side by side two workers would both go through what the first has locked.
   */
  take<T>(look: (behind: KeyCells | undefined) => Promise<Taken<T>>): Promise<T>
  /** After a transaction was rolled back: what it had taken lies behind by now, so it looks from the first key on. */
  takeAgain<T>(look: (behind: KeyCells | undefined) => Promise<Taken<T>>): Promise<T>
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
}

/** Where keys are not given in order, new events may come in before the end of the walk for ever. */
const MOST_PASSES = 10

/**
 * A pass from the first key to the last that found nothing is the last one: what was committed late, or held by somebody
 * else a moment ago, is found by the pass after it.
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
    takeAgain: (look) => inTurn(async () => (await look(undefined)).value),
    found(ofPass, batch) {
      counted += batch.counted
      if (ofPass !== pass || batch.locked >= batch.asked) return
      pass += 1
      if (counted === 0 || pass >= MOST_PASSES) isOver = true
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
