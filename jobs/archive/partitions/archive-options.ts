import { type Token, textOf } from '../../../src/db/table-text.ts'

/** As they stand behind a table, word by word: the tablespace, the folder and the next number are the source's own. */
const ownOptions: readonly (readonly RegExp[])[] = [
  [/^AUTO_INCREMENT=/],
  [/^(DATA|INDEX)$/, /^DIRECTORY=/],
  [/^\/\*!\d*$/, /^TABLESPACE$/, /./, /^\*\/$/],
]

/** The options of the source that its archive table shares: engine, character set, row format, comment. */
export function archiveOptions(tokens: readonly Token[]): string {
  const words = splitAtSpace(tokens)
  const kept: string[] = []
  for (let at = 0; at < words.length; at += 1) {
    const own = ownOptions.find((option) => option.every((form, ahead) => form.test(words[at + ahead] ?? '')))
    if (own === undefined) kept.push(words[at] ?? '')
    else at += own.length - 1
  }
  return kept.join(' ')
}

/** A system-versioned table of MariaDB: a deleted row stays in it as history. */
export function keepsHistory(tokens: readonly Token[]): boolean {
  return /\bSYSTEM VERSIONING\b/.test(splitAtSpace(tokens.filter(({ kind }) => kind !== 'text')).join(' '))
}

function splitAtSpace(tokens: readonly Token[]): readonly string[] {
  const spaces = tokens.flatMap(({ kind }, index) => (kind === 'space' ? [index] : []))
  return [...spaces, tokens.length]
    .map((end, index) => textOf(tokens.slice(index === 0 ? 0 : spaces[index - 1], end)))
    .filter((word) => word !== '')
}
