/** Why a text is refused before any server sees it. */
export interface DefinitionProblem {
  /** `migrate.alterRenamesTable`. */
  readonly code: string
  /** A sentence. */
  readonly problem: string
  /** A sentence: what to write instead. */
  readonly fix: string
}
