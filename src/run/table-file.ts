/**
 * Files of rows: written by a job, read back from the disk before anything rests on them. Where they are written is the
 * business of the output; jobs get this much of it.
 */
export interface TableFiles {
  /**
   * Begins a compressed file. Nobody sees it under its name before `commit`, and it never replaces another: when the
   * name is taken, it gets a number (`name.2.csv.gz`).
   *
   * @throws RowkeeperError `export.noFolder`, `export.noPermission`, `export.noSpace`, `export.notWritten`
   */
  create(shape: TableFileShape): Promise<TableFile>
}

export type TableFileFormat = 'csv' | 'ndjson'

export interface TableFileShape {
  readonly folder: string
  /** Without the ending, which comes from the format: `.csv.gz`, `.ndjson.gz`. */
  readonly name: string
  readonly format: TableFileFormat
  readonly columns: readonly string[]
}

/** The text of every column, in order; null is NULL, which the file tells apart from empty text. */
export type FileRecord = readonly (string | null)[]

export interface TableFile {
  /** What it will be called. */
  readonly path: string
  /** Resolves when more may come: memory does not grow with the rows. */
  write(records: readonly FileRecord[]): Promise<void>
  /** Resolves when the last byte is on the disk. */
  end(): Promise<void>
  /** What the disk holds, parsed anew; after `end`. */
  read(): TableFileReading
  /** Gives the file its name; `sidecar`, as JSON, has its own a moment before: `<path>.json`. */
  commit(sidecar: unknown): Promise<void>
  /** Removes what was written; does nothing after `commit`. */
  discard(): Promise<void>
}

export interface TableFileReading {
  /** In pages. Throws `export.damaged` at the first byte that is not as written. */
  readonly records: AsyncIterable<readonly FileRecord[]>
  /** Of the file as it lies on the disk, once all records were read. */
  sha256(): string
  bytes(): number
}
