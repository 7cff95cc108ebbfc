import type { Clock } from '../../lib/clock.ts'
import type { Answer } from './answer.ts'

export interface KeyedRequest {
  readonly key: string
  readonly path: string
  readonly bodyHash: string
}

/** What a key says about the request that carries it. */
export type Claim =
  | { readonly kind: 'new'; keep(answer: Answer): void; forget(): void }
  | { readonly kind: 'running' }
  | { readonly kind: 'mismatch' }
  | { readonly kind: 'stored'; readonly answer: Answer }

export interface IdempotencyKeys {
  claim(request: KeyedRequest): Claim
  /** Stored answers that still replay, oldest first. */
  stored(): readonly Answer[]
}

interface KeyRecord {
  readonly bodyHash: string
  readonly expiresAt: number
  answer?: Answer
}

/**
 * A key belongs to its path, and lives `windowMs` from its first use; after that it is a new key. The rules are
 * Stripe's (a stored 500 replays too) with the status codes of draft-ietf-httpapi-idempotency-key-header:
 * 409 in progress, 422 other body.
 */
export function createIdempotencyKeys(clock: Clock, windowMs: number): IdempotencyKeys {
  const records = new Map<string, KeyRecord>()

  // Insertion order is order of expiry, so the sweep ends at the first record that still lives.
  const sweep = () => {
    for (const [name, record] of records) {
      if (record.expiresAt > clock.elapsed()) return
      records.delete(name)
    }
  }

  const open = (name: string, bodyHash: string): Claim => {
    const record: KeyRecord = { bodyHash, expiresAt: clock.elapsed() + windowMs }
    records.set(name, record)
    return {
      kind: 'new',
      keep: (answer) => {
        record.answer = answer
      },
      forget: () => {
        if (records.get(name) === record) records.delete(name)
      },
    }
  }

  return {
    claim({ key, path, bodyHash }) {
      sweep()
      const name = `${path}\n${key}`
      const record = records.get(name)
      if (record === undefined) return open(name, bodyHash)
      if (record.bodyHash !== bodyHash) return { kind: 'mismatch' }
      return record.answer === undefined ? { kind: 'running' } : { kind: 'stored', answer: record.answer }
    },
    stored() {
      sweep()
      return [...records.values()].flatMap(({ answer }) => answer ?? [])
    },
  }
}
