import type { Column } from '../../../../src/db/catalog.ts'
import { type Fragment, raw } from '../../../../src/db/statement.ts'
import { exitCodes, RowkeeperError } from '../../../../src/lib/errors.ts'
import type { PlanContext } from '../../../../src/run/context.ts'
import { keyOfRow, pagingKey } from '../../exchange/digest-rows.ts'
import type { Key } from '../../move/sql.ts'
import { monthOfValue } from '../../partitions/age.ts'
import type { Month } from '../../partitions/months.ts'
import { planPlace } from '../../place.ts'
import type { Tables } from '../../tables.ts'
import { command, type Settings } from '../input.ts'
import { selectByKey } from './sql.ts'

/** One row of the archive table. */
export interface FoundRow {
  readonly month: Month
  /** Of the columns that tell rows of the archive table apart. */
  readonly key: Key
}

/** `text`: the values of the live table's key in its order, with commas between them. */
export async function findRow(
  context: PlanContext,
  settings: Settings,
  tables: Tables,
  text: string,
): Promise<FoundRow> {
  const { source, target, age, zone } = tables
  const walk = walkOf(tables)
  const values = readKeyText(source.key, text)
  const rows = await planPlace(context).read((session) =>
    session.rows(selectByKey(target.name, source.key, { values, walk })),
  )
  const ageAt = walk.findIndex(({ name }) => name === age.column.name)
  const found = rows.flatMap((row): readonly FoundRow[] => {
    const month = monthOfValue(String(row[`k${ageAt}`]), age, zone)
    return month === undefined ? [] : [{ month, key: keyOfRow(row, walk) }]
  })
  const [first, second] = found
  if (first === undefined) throw noSuchRow(settings, text)
  if (second !== undefined) throw severalRows(settings, text, found)
  return first
}

function walkOf({ source, target, age }: Tables): readonly Column[] {
  const key = target.table && pagingKey(target.table)
  return key ?? [...new Set([...source.key, age.column])]
}

/** Written as the server prints them; bytes as text, or as hexadecimal digits behind `0x`. */
function readKeyText(key: readonly Column[], text: string): readonly (string | bigint | Fragment)[] {
  const parts = key.length === 1 ? [text] : text.split(',')
  const names = key.map(({ name }) => name).join(',')
  if (parts.length !== key.length)
    throw badKey(`--key ${text} has ${parts.length} values, and the key is ${names}.`)
  return key.map((column, index) => {
    const part = parts[index] ?? ''
    const value = toValue(column, part)
    if (value === undefined)
      throw badKey(`${part} cannot be a value of ${column.name} (${column.columnType}).`)
    return value
  })
}

const integers: readonly string[] = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'year', 'bit']

/** Numbers are bound as such: both servers compare a number with text as floats. */
function toValue({ dataType }: Column, text: string): string | bigint | Fragment | undefined {
  if (integers.includes(dataType)) return /^-?\d+$/.test(text) ? BigInt(text) : undefined
  if (dataType === 'decimal') return /^-?\d+(\.\d+)?$/.test(text) ? raw(text) : undefined
  const digits = /binary$/.test(dataType) ? /^0x((?:[0-9a-f]{2})+)$/i.exec(text)?.[1] : undefined
  return digits === undefined ? text : raw(`X'${digits}'`)
}

function badKey(message: string): RowkeeperError {
  return new RowkeeperError({
    code: 'usage.badKey',
    message,
    hint: 'Give the values of the key in the order of its columns, with commas between them: --key 17 or --key EU,17',
    exitCode: exitCodes.usage,
  })
}

function noSuchRow(settings: Settings, text: string): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.noSuchRow',
    message: `${settings.options.into.table} has no row with the key ${text}.`,
    hint: `Months that are held or dropped are not looked through; ${command('months', settings)} lists them.`,
    exitCode: exitCodes.inputMissing,
  })
}

function severalRows(settings: Settings, text: string, found: readonly FoundRow[]): RowkeeperError {
  const months = found.map(({ month }) => month).join(' and ')
  return new RowkeeperError({
    code: 'archive.keyTwice',
    message: `${settings.options.into.table} has ${found.length} rows with the key ${text}, in ${months}. Nothing was changed.`,
    hint: 'Delete those that are wrong from the archive table, then restore again.',
    exitCode: exitCodes.refused,
  })
}
