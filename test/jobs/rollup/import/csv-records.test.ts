import { describe, expect, test } from 'vitest'
import type { Content } from '../../../../jobs/rollup/import/content.ts'
import { endsInQuotes, joinLastRecords, joinRecords } from '../../../../jobs/rollup/import/csv-records.ts'
import { readBatches } from '../../../../jobs/rollup/import/read-batches.ts'

const TAIL = 10

interface Reading {
  readonly from: number
  readonly line: number
  readonly maximumBytes: number
  /** Bytes that come at a time. */
  readonly chunk: number
}

/** The lines of a file that is still being written, and where each batch of them ended. */
async function readAll(text: string, { chunk, ...from }: Reading) {
  const bytes = Buffer.from(text)
  const content: Content = {
    name: 'views.csv',
    bytes: bytes.length,
    head: bytes,
    async *chunks(start) {
      for (let at = start; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk)
    },
  }
  const lines: string[] = []
  const ends: { readonly to: number; readonly line: number; readonly tail: Buffer }[] = []
  const batches = readBatches(content, {
    ...from,
    tailBytes: TAIL,
    atEnd: 'leaveLastLine',
    records: 'quoted',
  })
  for await (const batch of batches) {
    expect(batch.firstLine).toBe(from.line + lines.length)
    lines.push(...batch.lines)
    ends.push({ to: batch.to, line: from.line + lines.length, tail: batch.tail })
  }
  return { lines, ends, to: ends.at(-1)?.to ?? from.from }
}

describe('a quote is open at the end of', () => {
  test.each([
    ['a,b', false],
    ['a,"b"', false],
    ['a,"b', true],
    ['a,"b ""c"', false],
    ['a,"b ""', true],
    ['a,"b, c', true],
    ['a,12" of it,b', false],
    ['"a","b"\r', false],
    ['"a"x,"b', true],
    ['', false],
  ])('%s: %s', (line, isOpen) => {
    expect(endsInQuotes(line)).toBe(isOpen)
  })
})

describe('records', () => {
  test.each([
    [['a', 'b'], ['a', 'b'], 2],
    [['"a', 'b"', 'c'], ['"a\nb"', '', 'c'], 3],
    [['"a', '', 'b","c', 'd"'], ['"a\n\nb","c\nd"', '', '', ''], 4],
    [['a', '"b', 'c'], ['a', '"b', 'c'], 1],
  ])('of %j are %j', (lines, joined, whole) => {
    const all = [...lines]
    expect(joinRecords(all)).toBe(whole)
    expect(all).toEqual(joined)
  })

  test('that nothing follows any more stay alone when their quote is open', () => {
    const lines = ['"a', '"b', 'c"', 'd']
    joinLastRecords(lines)
    expect(lines).toEqual(['"a\n"b', '', 'c"', 'd'])
    const open = ['x', '"a', 'b']
    joinLastRecords(open)
    expect(open).toEqual(['x', '"a', 'b'])
  })

  test('are the same whatever the blocks, and wherever reading goes on', async () => {
    const text = `${Array.from({ length: 40 }, (_, row) => (row % 3 === 0 ? `${row},"é\n\n""${row}""\n",x` : `${row},"y",z`)).join('\n')}\n"still\nopen\n`
    const whole = await readAll(text, { from: 0, line: 1, maximumBytes: 1_000_000, chunk: 1_000_000 })
    expect(whole.lines.filter((line) => line !== '')).toHaveLength(40)
    expect(text.slice(text.indexOf('"still'))).toBe(Buffer.from(text).subarray(whole.to).toString())
    for (const maximumBytes of [1, 7, 20, 64]) {
      for (const chunk of [1, 5, 33]) {
        const found = await readAll(text, { from: 0, line: 1, maximumBytes, chunk })
        expect(found.lines).toEqual(whole.lines)
        expect(found.to).toBe(whole.to)
        for (const { to, line, tail } of found.ends) {
          expect(tail).toEqual(Buffer.from(text).subarray(Math.max(0, to - TAIL), to))
          const rest = await readAll(text, { from: to, line, maximumBytes, chunk })
          expect(rest.lines).toEqual(whole.lines.slice(line - 1))
        }
      }
    }
  })
})
