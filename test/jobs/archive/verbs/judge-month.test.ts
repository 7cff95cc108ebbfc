import { describe, expect, test } from 'vitest'
import type { LedgerMonth, MonthState } from '../../../../jobs/archive/ledger/months.ts'
import { judgeMonth } from '../../../../jobs/archive/verbs/verify/judge-month.ts'
import type { Digest } from '../../../../src/engine/chunks/digest.ts'

const digest: Digest = { rows: 3n, xor: 7n, sum: 21n }
const empty: Digest = { rows: 0n, xor: 0n, sum: 0n }

function ledger(state: MonthState, more: Partial<LedgerMonth> = {}): LedgerMonth {
  return {
    month: '2005-06',
    state,
    digest,
    definition: 'same',
    verifiedAt: undefined,
    pinnedAt: undefined,
    heldTable: undefined,
    heldUntil: undefined,
    exportFile: undefined,
    exportSha256: undefined,
    ...more,
  }
}

const judge = (known: LedgerMonth | undefined, found: Digest = digest) =>
  judgeMonth({ ledger: known, digest: found, definition: 'same' })

describe('a month', () => {
  test.each<[string, ReturnType<typeof judge>, string]>([
    ['as the ledger says', judge(ledger('open')), 'proven'],
    ['held as the ledger says', judge(ledger('held')), 'proven'],
    ['empty as the ledger says', judge(ledger('open', { digest: empty }), empty), 'nothing'],
    ['that nobody knows and that is empty', judge(undefined, empty), 'nothing'],
    ['that nobody knows', judge(undefined), 'unproven'],
    ['of mixed origin', judge(ledger('unproven')), 'unproven'],
    ['altered since', judge(ledger('open', { definition: 'other' })), 'unproven'],
    ['dropped and gone', judge(ledger('dropped'), empty), 'nothing'],
    ['dropped, with rows that came late', judge(ledger('dropped')), 'unproven'],
    ['in the middle of an exchange', judge(ledger('exchanging')), 'under way'],
    ['in the middle of a rotation', judge(ledger('rotating')), 'under way'],
    ['that lost everything', judge(ledger('open'), empty), 'differs'],
  ])('%s', (_, judgement, verdict) => {
    expect(judgement.verdict).toBe(verdict)
  })

  test('says what is different', () => {
    expect([
      judge(ledger('open'), { ...digest, rows: 5n }),
      judge(ledger('open'), { ...digest, rows: 1n }),
      judge(ledger('open'), { ...digest, xor: 8n }),
      judge(ledger('open'), { ...digest, sum: 20n }),
    ]).toMatchObject([
      { because: '2 too many' },
      { because: '2 missing' },
      { because: 'as many rows as there must be, but not with the same content' },
      { because: 'as many rows as there must be, but not with the same content' },
    ])
  })
})
