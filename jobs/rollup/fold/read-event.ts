import type { Column } from '../../../src/db/catalog.ts'
import type { Cell, Row } from '../../../src/db/connection.ts'
import { type Fragment, id, join, sql } from '../../../src/db/statement.ts'
import { isExactKey, selectKey } from '../../../src/engine/chunks/keyset.ts'
import { readEventTime } from '../buckets/event-time.ts'
import type { WallClock } from '../buckets/wall-clock.ts'
import type { JudgeAgent } from '../filters/bots.ts'
import type { SourceTable } from '../tables.ts'
import { scaleOf } from '../tables.ts'
import { toDigits } from './amount.ts'
import type { Event } from './fold.ts'

/** An event with what decides whether it counts. */
export interface ReadEvent extends Event {
  /** Who it was, where repeats are not counted; null is nobody, and never a repeat. */
  readonly viewer: string | null
}

/** Everything of an event that counting needs; `readEvent` takes the rows. The key comes as `key_0` and on. */
export function eventColumns(source: SourceTable): Fragment {
  const { key, group, time, sums, uniques, agent, viewer } = source
  return join([
    ...key.map((column, position) => selectKey(column, `key_${position}`)),
    ...group.map((column, position) => selectKey(column, `group_${position}`)),
    sql`${id(time.column.name)} AS time`,
    ...sums.map((column, position) => sql`${id(column.name)} AS ${id(`sum_${position}`)}`),
    ...uniques.map((column, position) => selectValue(column, `value_${position}`)),
    ...(agent === undefined ? [] : [sql`${id(agent.name)} AS agent`]),
    ...(viewer === undefined ? [] : [selectValue(viewer, 'viewer')]),
  ])
}

/** By its bytes, so that two values are the same here exactly when they are the same in the table. */
function selectValue(column: Column, alias: string): Fragment {
  return isExactKey(column) ? selectKey(column, alias) : sql`HEX(${id(column.name)}) AS ${id(alias)}`
}

export interface EventReaderOptions {
  readonly source: SourceTable
  readonly clock: WallClock
  readonly judgeAgent: JudgeAgent | undefined
}

/** Undefined for a row that belongs into no bucket: without a time that can be one, or without a value to group by. */
export type ReadEventRow = (row: Row) => ReadEvent | undefined

export function createEventReader({ source, clock, judgeAgent }: EventReaderOptions): ReadEventRow {
  const groups = source.group.map((_, position) => `group_${position}`)
  const values = source.uniques.map((_, position) => `value_${position}`)
  const sums = source.sums.map((column, position) => ({ alias: `sum_${position}`, scale: scaleOf(column) }))
  return (row) => {
    const minute = clock(readEventTime(source.time, row.time ?? null))
    const group = groups.map((alias) => textOf(row[alias]))
    if (minute === undefined || group.includes(null)) return undefined
    return {
      group: group as readonly string[],
      minute,
      series: judgeAgent?.(textOf(row.agent)) ?? 'people',
      amounts: sums.map(({ alias, scale }) => toDigits(textOf(row[alias]) ?? '0', scale)),
      values: values.map((alias) => textOf(row[alias])),
      viewer: textOf(row.viewer),
    }
  }
}

function textOf(cell: Cell | undefined): string | null {
  return cell === null || cell === undefined ? null : String(cell)
}
