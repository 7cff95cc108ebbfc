import { stringify } from 'csv-stringify/sync'
import type { FileRecord } from '../run/table-file.ts'
import { DamagedText, type TableCodec } from './table-codec.ts'

/**
 * RFC 4180 lines ended by CR LF, the first one the names of the columns. Every text stands in quotes, so that NULL, which
 * is nothing at all between two commas, is told apart from empty text, which is `""`. Nothing is put before text that a
 * spreadsheet would run: the file is for reading back, and is exact.
 */
export function createCsvTable(columns: readonly string[]): TableCodec {
  const encode = (records: readonly FileRecord[]) =>
    stringify([...records], { record_delimiter: 'windows', quoted_string: true })
  return {
    header: encode([columns]),
    encode,
    async *decode(text) {
      const pages = readRecords(text)
      const first = await pages.next()
      const [header, ...records] = first.done === true ? [] : first.value
      if (header?.join('\n') !== columns.join('\n')) throw new DamagedText('its first line is not the header')
      yield records
      yield* pages
    },
  }
}

/** What a chunk of text completes. The rest waits for the next one. */
async function* readRecords(text: AsyncIterable<string>): AsyncGenerator<readonly FileRecord[]> {
  let rest = ''
  for await (const chunk of text) {
    const pending = rest + chunk
    const { records, end } = takeRecords(pending)
    rest = pending.slice(end)
    if (records.length > 0) yield records
  }
  if (rest !== '') throw new DamagedText('it ends in the middle of a record')
}

function takeRecords(text: string): { records: readonly FileRecord[]; end: number } {
  const records: FileRecord[] = []
  let end = 0
  for (;;) {
    const taken = takeRecord(text, end)
    if (taken === undefined) return { records, end }
    records.push(taken.record)
    end = taken.end
  }
}

/** Undefined when the text ends before the record does. */
function takeRecord(text: string, start: number): { record: FileRecord; end: number } | undefined {
  const record: (string | null)[] = []
  for (let at = start; ; ) {
    const field = takeField(text, at)
    if (field === undefined) return undefined
    record.push(field.value)
    const separator = text.slice(field.end, field.end + 2)
    if (separator === '\r\n') return { record, end: field.end + 2 }
    if (separator === '' || separator === '\r') return undefined
    if (!separator.startsWith(','))
      throw new DamagedText(`a field is followed by ${JSON.stringify(separator)}`)
    at = field.end + 1
  }
}

function takeField(text: string, start: number): { value: string | null; end: number } | undefined {
  if (start >= text.length) return undefined
  if (text[start] !== '"') return { value: null, end: start }
  let close = text.indexOf('"', start + 1)
  // Two quotes stand for one. A quote at the end of the text may be the first of two.
  while (close !== -1 && text[close + 1] === '"') close = text.indexOf('"', close + 2)
  if (close === -1 || close + 1 === text.length) return undefined
  return { value: text.slice(start + 1, close).replaceAll('""', '"'), end: close + 1 }
}
