/** Statements as lines for a screen: each ends with a semicolon, and a list of months is shortened to its ends. */
export function statementLines(statements: readonly string[]): readonly string[] {
  return statements.flatMap((statement) => shortenMonths(`${statement};`.split('\n')))
}

/** Fewer than this are not worth a line that says how many are left out. */
const LONGEST_LIST = 4

/** A table of five years has 60 such lines; the plan file and the JSON document have them all. */
function shortenMonths(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex(isPartition)
  const last = lines.findLastIndex(isPartition)
  const between = last - first - 1
  if (between + 2 <= LONGEST_LIST) return lines
  return [
    ...lines.slice(0, first + 1),
    `  … ${between} more partitions, one for each month`,
    ...lines.slice(last),
  ]
}

function isPartition(line: string): boolean {
  return /^\s+PARTITION `/.test(line)
}
