import type { IndexPart } from '../../../src/db/catalog.ts'

/** What stands behind ALTER TABLE and its name, taken apart. */
export interface AlterText {
  /**
   * Without comments that no server reads, and without a semicolon. Clauses of our own go in front of it: ORDER BY
   * and PARTITION BY must stay the last.
   */
  readonly text: string
  /** In the order of the text. `ADD COLUMN (a INT, b INT)` gives two, `ENGINE=InnoDB COMMENT='x'` too. */
  readonly clauses: readonly AlterClause[]
  /** CHANGE and RENAME COLUMN to a name that is not the same without case. */
  readonly renames: readonly Rename[]
}

/** Names as they are spelled in the text. */
export interface Rename {
  readonly from: string
  readonly to: string
}

export type AlterClause = ClauseSubject & {
  /** In full: `ADD COLUMN note VARCHAR(200) NULL`. */
  readonly text: string
  /** IF EXISTS or IF NOT EXISTS (MariaDB): the clause may do nothing. */
  readonly isConditional: boolean
}

/** What a clause is about. Names are without quotes; an index or constraint that gets none has undefined. */
export type ClauseSubject =
  | ({ readonly type: 'addColumn' } & ColumnSubject)
  | { readonly type: 'dropColumn'; readonly column: string }
  | ({ readonly type: 'modifyColumn' } & ColumnSubject)
  | ({ readonly type: 'changeColumn'; readonly newName: string } & ColumnSubject)
  | { readonly type: 'renameColumn'; readonly column: string; readonly newName: string }
  | { readonly type: 'alterColumnDefault'; readonly column: string }
  | { readonly type: 'columnVisibility'; readonly column: string }
  | ({ readonly type: 'addIndex' } & IndexSubject)
  | { readonly type: 'dropIndex'; readonly index: string }
  | { readonly type: 'dropPrimaryKey' }
  | { readonly type: 'renameIndex'; readonly index: string; readonly newName: string }
  /** VISIBLE, INVISIBLE, and IGNORED of MariaDB. */
  | { readonly type: 'indexVisibility'; readonly index: string }
  | {
      readonly type: 'addForeignKey'
      readonly constraint: string | undefined
      readonly columns: readonly string[]
    }
  | { readonly type: 'dropForeignKey'; readonly constraint: string }
  | { readonly type: 'addCheck'; readonly constraint: string | undefined }
  | { readonly type: 'dropCheck'; readonly constraint: string }
  /** Of whatever kind: a check, a foreign key, a unique index. */
  | { readonly type: 'dropConstraint'; readonly constraint: string }
  /** ALTER CHECK x NOT ENFORCED. */
  | { readonly type: 'checkEnforcement'; readonly constraint: string }
  | {
      readonly type: 'convertCharacterSet'
      /** `DEFAULT` as it stands. */
      readonly characterSet: string
      readonly collation: string | undefined
    }
  | ({ readonly type: 'option' } & OptionSubject)
  | { readonly type: 'partitioning'; readonly change: 'set' | 'removed' }
  | { readonly type: 'force' }
  | { readonly type: 'orderBy' }
  /** The server knows, or refuses it. */
  | { readonly type: 'other' }

export interface ColumnSubject {
  readonly column: string
  /** From the type on, without FIRST and AFTER: `VARCHAR(200) NULL`. */
  readonly definition: string
  /** Undefined: at the end for a new column, where it was for another. */
  readonly position: ColumnPosition | undefined
}

export type ColumnPosition = { readonly kind: 'first' } | { readonly kind: 'after'; readonly column: string }

export interface IndexSubject {
  readonly index: string | undefined
  readonly kind: 'primary' | 'unique' | 'key' | 'fulltext' | 'spatial' | 'vector'
  readonly parts: readonly IndexPart[]
}

export interface OptionSubject {
  /** Lower case, always in full: `engine`, `default character set`, `default collate`, `data directory`. */
  readonly option: string
  /** As it stands, quotes included. */
  readonly value: string
}
