import { findUnfinished, readTableText, type TableText, tokenize } from '../../../src/db/table-text.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'

/**
 * SHOW CREATE TABLE, taken apart. MariaDB 10.11 does not double a backquote inside the names of a foreign key: its text could
 * not be run, and where the next name ends is a guess.
 *
 * @throws RowkeeperError `migrate.createUnread`
 */
export function readSoundTable(createTable: string): TableText {
  if (findUnfinished(tokenize(createTable)) !== undefined) throw createUnread()
  return readTableText(createTable)
}

export function createUnread(): RowkeeperError {
  return new RowkeeperError({
    code: 'migrate.createUnread',
    message:
      'What the server prints with SHOW CREATE TABLE cannot be read: a name in a foreign key has a backquote in it.',
    hint: 'Drop that foreign key, or give it and its columns names without backquotes.',
    exitCode: exitCodes.refused,
  })
}
