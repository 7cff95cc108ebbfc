import type { FileRecord } from '../run/table-file.ts'
import { DamagedText, type TableCodec } from './table-codec.ts'

/** One JSON object per line, every value text or null: readers that take numbers for floats would round long ones. */
export function createNdjsonTable(columns: readonly string[]): TableCodec {
  return {
    header: '',
    encode: (records) => records.map((record) => `${JSON.stringify(toObject(columns, record))}\n`).join(''),
    async *decode(text) {
      for await (const lines of readLines(text)) yield lines.map((line) => readLine(line, columns))
    },
  }
}

function toObject(columns: readonly string[], record: FileRecord): Readonly<Record<string, string | null>> {
  return Object.fromEntries(columns.map((column, position) => [column, record[position] ?? null]))
}

async function* readLines(text: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let rest = ''
  for await (const chunk of text) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    if (lines.length > 0) yield lines
  }
  if (rest !== '') throw new DamagedText('it ends in the middle of a line')
}

function readLine(line: string, columns: readonly string[]): FileRecord {
  const values = parseObject(line)
  const isWhole = Object.keys(values).length === columns.length
  return columns.map((column) => {
    const value = Object.hasOwn(values, column) ? values[column] : undefined
    if (isWhole && (value === null || typeof value === 'string')) return value
    throw new DamagedText('a line has other columns than the table')
  })
}

function parseObject(line: string): Readonly<Record<string, unknown>> {
  const value = parse(line)
  if (typeof value === 'object' && value !== null) return { ...value }
  throw new DamagedText('a line is no JSON object')
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw new DamagedText('a line is no JSON', { cause: error })
  }
}
