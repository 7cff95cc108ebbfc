/** A quote that nobody closes must not swallow the file: what is longer is no record. */
const LONGEST_RECORD = 64 * 1024

/**
 * Joins the lines of each record whose quotes hold line breaks (RFC 4180). The record stands in the place of its first
 * line, and the places of its others are empty, so that every line keeps its number. A line whose quote is not closed
 * within 64 KiB stays alone. What the lines are decides it, never where a block of the file ends.
 *
 * @returns the place of a record that may go on in the next block; the number of lines when all are whole
 */
export function joinRecords(lines: string[], from = 0): number {
  let index = from
  while (index < lines.length) {
    const last = findLastLine(lines, index)
    if (last === undefined) return index
    if (last > index) {
      lines[index] = lines.slice(index, last + 1).join('\n')
      lines.fill('', index + 1, last + 1)
    }
    index = last + 1
  }
  return lines.length
}

/** As `joinRecords`, where nothing follows: the line of a quote that is not closed by then stays alone. */
export function joinLastRecords(lines: string[]): void {
  let open = joinRecords(lines)
  while (open < lines.length) open = joinRecords(lines, open + 1)
}

/** Undefined when the lines end inside the quotes of a record that may still be one. */
function findLastLine(lines: readonly string[], first: number): number | undefined {
  let length = lines[first]?.length ?? 0
  let isOpen = endsInQuotes(lines[first] ?? '')
  for (let last = first + 1; isOpen; last++) {
    const line = lines[last]
    if (length > LONGEST_RECORD) return first
    if (line === undefined) return undefined
    length += line.length + 1
    isOpen = staysInQuotes(line)
    if (!isOpen) return length > LONGEST_RECORD ? first : last
  }
  return first
}

/** Whether a quote is open at the end of a line; `from` is where a field begins. Quotes inside a field open nothing. */
export function endsInQuotes(text: string, from = 0): boolean {
  if (!text.includes('"', from)) return false
  let at = from
  for (;;) {
    if (text[at] === '"') {
      at = behindQuote(text, at + 1)
      if (at < 0) return true
    }
    const comma = text.indexOf(',', at)
    if (comma < 0) return false
    at = comma + 1
  }
}

/** The same for a line that begins inside quotes. */
function staysInQuotes(text: string): boolean {
  const at = behindQuote(text, 0)
  if (at < 0) return true
  return text[at] === ',' && endsInQuotes(text, at + 1)
}

/** Behind the quote that closes, -1 without one; two of them are one that belongs to the value. */
function behindQuote(text: string, from: number): number {
  let at = text.indexOf('"', from)
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2)
  return at < 0 ? -1 : at + 1
}
