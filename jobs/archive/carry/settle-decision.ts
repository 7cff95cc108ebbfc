import { cellsOf } from '../move/locked-rows.ts'
import type { FamilyName, FamilyRows } from './families.ts'

/** What is to become of the families of a batch whose rows lie on both servers. */
export interface Decision {
  /** Unchanged and still due: to be deleted at the source. */
  readonly equal: ReadonlySet<FamilyName>
  /** Changed, or not due any more: their copies are to be taken out of the archive. */
  readonly stale: ReadonlySet<FamilyName>
}

/**
 * Judges each family that is in the archive by what the source has under its key now, its children included. One that
 * is gone at the source was deleted there by somebody: its copy stays.
 */
export function decide(source: readonly FamilyRows[], archive: readonly FamilyRows[]): Decision {
  const due = listDue(source[0])
  const now = fingerprint(source)
  const equal = new Set<FamilyName>()
  const stale = new Set<FamilyName>()
  for (const [name, print] of fingerprint(archive)) {
    const current = now.get(name)
    if (current === undefined) continue
    const isEqual = current === print && due.has(name)
    ;(isEqual ? equal : stale).add(name)
  }
  return { equal, stale }
}

function listDue(live: FamilyRows | undefined): ReadonlySet<FamilyName> {
  const names = live?.families.filter((_, index) => String(live.rows[index]?.is_eligible) === '1')
  return new Set(names)
}

/** All a family consists of, as text: table, key and checksum of each row, in an order of their own. */
function fingerprint(parts: readonly FamilyRows[]): ReadonlyMap<FamilyName, string> {
  const members = new Map<FamilyName, string[]>()
  for (const part of parts) {
    const keys = cellsOf(part, part.of.key)
    part.families.forEach((name, index) => {
      const member = JSON.stringify([part.of.name.table, keys[index], String(part.rows[index]?.row_checksum)])
      const known = members.get(name)
      if (known === undefined) members.set(name, [member])
      else known.push(member)
    })
  }
  return new Map([...members].map(([name, texts]) => [name, texts.toSorted().join()]))
}
