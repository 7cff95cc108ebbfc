/**
 * What a person reads, as data: renderers turn the same sections into text and HTML, machines get the rows.
 * Texts are plain, without colour and without line breaks.
 */
export interface Report {
  /** One sentence: `20,000 rows compared, 312 differ, 298 fixed.` */
  readonly headline: string
  readonly sections: readonly Section[]
}

export type Section = FactsSection | TableSection | BarsSection | ListSection | LinesSection

/** Label and value pairs, printed as two aligned columns. */
export interface FactsSection {
  readonly type: 'facts'
  readonly title?: string
  readonly facts: readonly { readonly label: string; readonly value: string }[]
}

export interface TableSection {
  readonly type: 'table'
  readonly title: string
  readonly columns: readonly { readonly name: string; readonly align: 'left' | 'right' }[]
  readonly rows: readonly (readonly string[])[]
  /** Printed instead of a table without rows. */
  readonly empty?: string
}

/** A horizontal bar chart; the longest bar has the largest value. */
export interface BarsSection {
  readonly type: 'bars'
  readonly title: string
  readonly bars: readonly { readonly label: string; readonly value: number; readonly note?: string }[]
}

/** Sentences: they break between words where the lines of a `LinesSection` stay whole. */
export interface ListSection {
  readonly type: 'list'
  readonly title: string
  readonly order: 'numbered' | 'any'
  readonly items: readonly string[]
}

export interface LinesSection {
  readonly type: 'lines'
  readonly title?: string
  readonly lines: readonly string[]
}

/** One line of `--report`: the same columns in every row of a job. Amounts are exact decimal text. */
export type ReportRow = Readonly<Record<string, ReportCell>>

/** Numbers and `decimal` text are written as they are; `text` is guarded against spreadsheet formulas. */
export type ReportCell =
  | { readonly text: string }
  | { readonly decimal: string }
  | { readonly count: number }
  | null
