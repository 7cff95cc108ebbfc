import { type Digest, sameDigest } from '../../../../src/engine/chunks/digest.ts'
import { unreachable } from '../../../../src/lib/errors.ts'
import type { LedgerMonth } from '../../ledger/months.ts'

/**
 * proven: exactly what the ledger says · differs: not what it says · unproven: the ledger cannot tell · under way: a run
 * was interrupted in the middle of it · nothing: there is nothing to prove.
 */
export type Judgement =
  | { readonly verdict: 'proven' | 'nothing' }
  | { readonly verdict: 'differs' | 'unproven' | 'under way'; readonly because: string }

export interface ReadMonth {
  readonly ledger: LedgerMonth | undefined
  /** Of the rows that are there. */
  readonly digest: Digest
  /** `definitionOf` the columns that the digest is over. */
  readonly definition: string
}

export function judgeMonth({ ledger, digest, definition }: ReadMonth): Judgement {
  const state = ledger?.state
  switch (state) {
    case undefined:
    case 'dropped':
      return digest.rows === 0n
        ? { verdict: 'nothing' }
        : { verdict: 'unproven', because: 'its rows were not brought here by rowkeeper' }
    case 'unproven':
      return { verdict: 'unproven', because: 'it holds rows that rowkeeper did not bring, or was altered' }
    case 'exchanging':
    case 'rotating':
      return { verdict: 'under way', because: 'a run was interrupted in the middle of it' }
    case 'open':
    case 'held':
      return compare(ledger, digest, definition)
    default:
      return unreachable(state)
  }
}

function compare(ledger: LedgerMonth | undefined, digest: Digest, definition: string): Judgement {
  if (ledger?.definition !== definition) {
    return { verdict: 'unproven', because: 'its columns were altered since its rows came' }
  }
  if (sameDigest(ledger.digest, digest)) return { verdict: digest.rows === 0n ? 'nothing' : 'proven' }
  const because =
    ledger.digest.rows === digest.rows
      ? 'as many rows as there must be, but not with the same content'
      : describeMissing(Number(digest.rows - ledger.digest.rows))
  return { verdict: 'differs', because }
}

function describeMissing(more: number): string {
  return more > 0 ? `${more} too many` : `${-more} missing`
}
