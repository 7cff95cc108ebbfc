/**
 * What is wrong with a free SQL predicate; undefined when nothing is. Its quotes and parentheses must close, so
 * that `(predicate) AND id > ?` can never come to mean something else. Comment marks and `;` are refused even
 * inside quotes: telling them apart needs the server's own lexer and its sql_mode.
 */
export function findPredicateProblem(text: string): string | undefined {
  if (text.includes('\0')) return 'a predicate must not contain NUL'
  const mark = [';', '--', '#', '/*'].find((forbidden) => text.includes(forbidden))
  if (mark !== undefined) return `a predicate must not contain ${mark}, not even in quotes`
  const outside = text.replace(/'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`/gs, '')
  const quote = /['"`]/.exec(outside)?.[0]
  if (quote !== undefined) return `the quote ${quote} in the predicate is never closed`
  return parenthesesClose(outside) ? undefined : 'the parentheses of the predicate do not match'
}

function parenthesesClose(text: string): boolean {
  let depth = 0
  for (const character of text) {
    if (character === '(') depth += 1
    if (character === ')') depth -= 1
    if (depth < 0) return false
  }
  return depth === 0
}
