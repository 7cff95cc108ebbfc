import type { Month } from '../../partitions/months.ts'
import { addKeys, type FoundKeys, noKeys } from '../found-keys.ts'

/** Keys that stand where they must not. */
export interface KeyFindings {
  /** Rows. */
  readonly read: number
  /** In the archive table more than once: its key is extended by the age, so nothing there forbids it. */
  readonly doubled: FoundKeys
  /** In the archive table, and still or again in the live table. */
  readonly live: FoundKeys
}

/** One row of the archive table. */
export interface KeyRow {
  /** In words; alike for the same key of any row. */
  readonly key: string
  readonly month: Month
  readonly isLive: boolean
}

export interface KeyGroups {
  /** The next rows in the order of their keys. */
  take(rows: readonly KeyRow[]): void
  /** Rows so far. */
  readonly read: number
  finish(): KeyFindings
}

/** Counts keys whose rows come one after another, only those of `wanted` when a month is given. */
export function createKeyGroups(wanted: Month | undefined): KeyGroups {
  let findings: KeyFindings = { read: 0, doubled: noKeys, live: noKeys }
  let group: readonly KeyRow[] = []
  const close = () => {
    if (wanted === undefined || group.some(({ month }) => month === wanted))
      findings = addGroup(findings, group)
  }
  return {
    get read() {
      return findings.read
    },
    take(rows) {
      for (const row of rows) {
        const isSame = group[0]?.key === row.key
        if (!isSame) close()
        group = isSame ? [...group, row] : [row]
      }
      findings = { ...findings, read: findings.read + rows.length }
    },
    finish() {
      close()
      group = []
      return findings
    },
  }
}

function addGroup(findings: KeyFindings, group: readonly KeyRow[]): KeyFindings {
  const { doubled, live } = findings
  const [first] = group
  if (first === undefined) return findings
  const months = group.map(({ month }) => month).join(' and ')
  return {
    ...findings,
    doubled: group.length > 1 ? addKeys(doubled, [`${first.key} in ${months}`]) : doubled,
    live: first.isLive ? addKeys(live, [`${first.key} in ${months}`]) : live,
  }
}
