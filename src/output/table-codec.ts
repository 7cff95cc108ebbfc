import type { FileRecord } from '../run/table-file.ts'

/** How rows become text and text becomes rows again. The two directions share no code, so that one proves the other. */
export interface TableCodec {
  /** What the file begins with. */
  readonly header: string
  encode(records: readonly FileRecord[]): string
  /** In pages as the text comes. Throws a DamagedText for text that `header` and `encode` cannot have made. */
  decode(text: AsyncIterable<string>): AsyncIterable<readonly FileRecord[]>
}

/** What is wrong with the text, for the message about the file. */
export class DamagedText extends Error {}
