import type { Transaction } from '../../../src/db/session.ts'
import { type KeyCells, keyValues } from '../events/key.ts'
import type { Run } from '../events/runs.ts'
import type { SourceTable } from '../tables.ts'
import { deleteKeys, deleteNumbers, deleteRun } from './delete-sql.ts'

/** A shorter run is looked up number by number: a statement of its own takes longer. */
const LONG_RUN = 32n
const NUMBERS_PER_STATEMENT = 10_000

/** Deletes locked events whose keys are whole numbers; answers how many. */
export async function removeRuns(
  transaction: Transaction,
  source: SourceTable,
  column: string,
  runs: readonly Run[],
): Promise<number> {
  let deleted = 0
  for (const run of runs.filter(isLong))
    deleted += (await transaction.change(deleteRun(source, column, run))).affectedRows
  const numbers = runs.flatMap((run) => (isLong(run) ? [run.last] : listNumbers(run)))
  for (const part of slices(numbers, NUMBERS_PER_STATEMENT))
    deleted += (await transaction.change(deleteNumbers(source, part))).affectedRows
  return deleted
}

function isLong({ first, last }: Run): boolean {
  return last - first >= LONG_RUN
}

function listNumbers({ first, last }: Run): readonly bigint[] {
  return Array.from({ length: Number(last - first) + 1 }, (_, index) => first + BigInt(index))
}

/** A derived table of so many rows is put together in a few milliseconds. */
const KEYS_PER_STATEMENT = 500

/** Deletes locked events by their keys, of whatever kind; answers how many. */
export async function removeKeys(
  transaction: Transaction,
  source: SourceTable,
  keys: readonly KeyCells[],
): Promise<number> {
  const column = wholeNumberKey(source)
  if (column !== undefined) {
    const runs = keys.map(([key = '']) => ({ first: BigInt(key), last: BigInt(key) }))
    return removeRuns(transaction, source, column, runs)
  }
  let deleted = 0
  for (const part of slices(keys, KEYS_PER_STATEMENT)) {
    const values = part.map((cells) => keyValues(source, cells))
    deleted += (await transaction.change(deleteKeys(source, values))).affectedRows
  }
  return deleted
}

const wholeNumbers = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint']

/** The key's one column, where the key is one whole number. */
export function wholeNumberKey({ key }: SourceTable): string | undefined {
  const [column, ...more] = key
  return more.length === 0 && wholeNumbers.includes(column?.dataType ?? '') ? column?.name : undefined
}

function slices<T>(all: readonly T[], length: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / length) }, (_, index) =>
    all.slice(index * length, (index + 1) * length),
  )
}
