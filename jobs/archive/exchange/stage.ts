import type { LedgerMonth } from '../ledger/months.ts'
import type { HeldState } from './held-table.ts'

/** Where the rows of a month lie, and what the ledger says about it. */
export interface Observed {
  readonly ledger: Pick<LedgerMonth, 'state' | 'heldTable' | 'digest'> | undefined
  readonly held: HeldState
  /** The month's partition of the archive table. */
  readonly archive: 'empty' | 'filled'
  /** The month's partition of the live table. */
  readonly source: 'missing' | 'empty' | 'filled'
}

/**
 * What comes next for a month that is exchanged. Each stage can be begun again after a run that died in it, for it is
 * found from what is there and not from what was done:
 *
 * begin (the ledger names the held table) → makeHeld → takeOut (the live partition for the empty held table) → prove
 * (its digest goes into the ledger) → putIn (the held table for the empty archive partition) → close (the digest is
 * there) → dropSource (the live partition that was left empty).
 *
 * drain: the held rows cannot go in at once, so they are copied in batches · abandon: nothing was taken yet, and the
 * month cannot be exchanged · letGo: a drained held table is left · inBatches: an ordinary month · inTheWay: the held
 * table's name is taken by something else · lost: rows that the ledger knows of are in none of the places.
 */
export type Stage =
  | 'begin'
  | 'makeHeld'
  | 'takeOut'
  | 'prove'
  | 'putIn'
  | 'close'
  | 'dropSource'
  | 'drain'
  | 'abandon'
  | 'letGo'
  | 'inBatches'
  | 'inTheWay'
  | 'lost'
  | 'done'

export function findStage(observed: Observed): Stage {
  const { ledger, held } = observed
  switch (ledger?.state) {
    case 'exchanging':
      return ledger.digest.rows === 0n ? stageBeforeProof(observed) : stageAfterProof(observed)
    case 'unproven':
      if (ledger.heldTable === undefined) return batchesOrDone(observed)
      return held === 'filled' ? 'drain' : 'letGo'
    case 'rotating':
    case 'held':
      return batchesOrDone(observed)
    default:
      return stageOfOpenMonth(observed)
  }
}

/** Of the rows that the digest speaks of, none is anywhere yet but in the live table or the held one. */
function stageBeforeProof({ held, archive }: Observed): Stage {
  switch (held) {
    case 'filled':
      return archive === 'empty' ? 'prove' : 'drain'
    case 'empty':
      return archive === 'empty' ? 'takeOut' : 'abandon'
    default:
      return archive === 'empty' ? 'makeHeld' : 'abandon'
  }
}

function stageAfterProof({ held, archive }: Observed): Stage {
  if (held === 'filled') return archive === 'empty' ? 'putIn' : 'drain'
  return archive === 'filled' ? 'close' : 'lost'
}

/** A partition that already holds rows would be swapped out with them. */
function stageOfOpenMonth(observed: Observed): Stage {
  const { ledger, held, archive, source } = observed
  const hasRows = archive === 'filled' || (ledger?.digest.rows ?? 0n) > 0n
  if (hasRows) return source === 'empty' ? 'dropSource' : batchesOrDone(observed)
  if (source !== 'filled') return 'done'
  return held === 'missing' ? 'begin' : 'inTheWay'
}

function batchesOrDone({ source }: Observed): Stage {
  return source === 'filled' ? 'inBatches' : 'done'
}
