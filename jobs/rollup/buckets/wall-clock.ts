import type { Column } from '../../../src/db/catalog.ts'
import { fromColumnTime, toColumnTime } from '../../../src/db/date-time.ts'

/** Times of events as a statement sees them, before any zone: DATETIME text, or what a number since 1970 is in UTC. */
export interface TimeSource {
  readonly column: Pick<Column, 'name' | 'dataType'>
  /** The zone in which such a text is meant. */
  readonly zone: string
}

/**
 * From an event's time to what the clocks of the buckets' zone showed. The text is cut or longer than to the second as
 * the server prints it; the answer is `2026-03-29 01:59`. Undefined for what is no point in time.
 */
export type WallClock = (text: string) => string | undefined

/** Where memory of earlier answers is forgotten. Events come in the order of time, near enough. */
const REMEMBERED = 50_000

export function createWallClock(source: TimeSource, zone: string): WallClock {
  if (isSameZone(source.zone, zone)) return cutToMinute
  const known = new Map<string, string | undefined>()
  return (text) => {
    const minute = text.slice(0, 16)
    if (known.has(minute)) return known.get(minute)
    const answer = toWall(minute, source, zone)
    if (known.size >= REMEMBERED) known.clear()
    known.set(minute, answer)
    return answer
  }
}

const MINUTE = /^[1-9]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])/

function cutToMinute(text: string): string | undefined {
  if (!MINUTE.test(text)) return undefined
  return text.length < 16 ? `${text.slice(0, 10)} 00:00` : text.slice(0, 16)
}

/** Read and written by the rules of a DATETIME: of an hour lived twice, the later. */
const zoned = { dataType: 'datetime' }

function toWall(minute: string, { zone: from }: TimeSource, zone: string): string | undefined {
  const text = cutToMinute(minute)
  const instant = text === undefined ? undefined : fromColumnTime(`${text}:00`, zoned, from)
  return instant === undefined ? undefined : toColumnTime(instant, zoned, zone).slice(0, 16)
}

/** No text needs to be changed from one zone to the other. */
export function isSameZone(one: string, other: string): boolean {
  return one === other || (isUtc(one) && isUtc(other))
}

function isUtc(zone: string): boolean {
  return ['UTC', 'Etc/UTC', '+00:00', 'Z'].includes(zone)
}

/** From this text on (to the minute) the clock of the buckets shows so many minutes more. */
export interface Shift {
  readonly from: string
  readonly minutes: number
}

/** Since 1970 every zone has changed its clocks at a full quarter of an hour. */
const STEP_MS = 15 * 60_000

/**
 * What turns texts between two minutes into the clock of the buckets, as the server can reckon it: it often has no zone
 * tables, so CONVERT_TZ with names would answer NULL. One entry for every change between the two, the first for all
 * before.
 */
export function listShifts(clock: WallClock, first: string, last: string): readonly Shift[] {
  const shifts: Shift[] = []
  const end = toMilliseconds(last)
  const begin = toMilliseconds(`${first.slice(0, 13)}:00`)
  for (let moment = begin; moment <= end; moment += STEP_MS) {
    const from = new Date(moment).toISOString().slice(0, 16).replace('T', ' ')
    const minutes = (toMilliseconds(clock(from) ?? from) - moment) / 60_000
    if (minutes !== shifts.at(-1)?.minutes) shifts.push({ from, minutes })
  }
  return shifts
}

function toMilliseconds(minute: string): number {
  return Date.parse(`${minute.slice(0, 16).replace(' ', 'T')}Z`)
}
