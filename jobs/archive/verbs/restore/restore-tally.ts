/** What a restore has done so far; it can be told also when it was cut short. */
export interface Restored {
  /** Of the live table. */
  readonly rows: number
  readonly children: number
  /** Rows that were in the live tables already: only their copies were removed. */
  readonly present: number
  /** Rows of the batch in hand that are in the live tables, and not yet gone from another server's archive. */
  readonly inBoth: number
  /** Rows that stay in the archive, with the reason. */
  readonly left: readonly { readonly rows: number; readonly reason: string }[]
}

export const nothingRestored: Restored = { rows: 0, children: 0, present: 0, inBoth: 0, left: [] }

export interface RestoreTally {
  readonly soFar: Restored
  /** A batch, or what is left, is added to the rest; `inBoth` takes the place of what it was. */
  add(part: Partial<Restored>): void
}

export function createTally(): RestoreTally {
  let soFar = nothingRestored
  return {
    get soFar() {
      return soFar
    },
    add({ rows = 0, children = 0, present = 0, inBoth = 0, left = [] }) {
      soFar = {
        rows: soFar.rows + rows,
        children: soFar.children + children,
        present: soFar.present + present,
        inBoth,
        left: [...soFar.left, ...left],
      }
    },
  }
}
