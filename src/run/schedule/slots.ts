import { CronTime } from 'cron'
import { Info } from 'luxon'
import type { Schedule } from '../../config/fields.ts'
import { toLuxonZone } from '../../config/time-zone.ts'

/**
 * The due times of a schedule, called slots. CronTime is only asked in UTC, on wall-clock times dressed up as UTC; which
 * instants those are in the job's zone is decided here. Its own zone arithmetic goes backwards in the repeated hour when
 * asked in the other half of the year (216 wrong answers in a scan of ten zones, cron 4.4).
 *
 * A schedule with fixed hours and minutes has each of its times once per local day: in the hour that is lived twice the
 * first time counts, and a time that a day skips comes at the moment of the skip. One with `*` in the hour or minute
 * goes by the clock on the wall: twice in the repeated hour, not at all in the skipped one. That is the rule of Debian's
 * cron.
 */

const SECOND = 1000
const DAY = 24 * 60 * 60 * SECOND
const LOOK_BACK = 40 * DAY

/**
 * The latest due time not after `now`. A missed slot is still run until the next one comes, so it is late by less than
 * one period; slots older than 40 days are left alone.
 */
export function latestSlot(schedule: Schedule, now: Date): Date | undefined {
  const next = createNext(schedule)
  const end = now.getTime()
  let latest = next(end - LOOK_BACK)
  if (latest === undefined || latest > end) return undefined
  // The library has no "previous": the last point from which the next slot is still due is found by halving.
  let nothingAfter = end
  while (nothingAfter - latest >= SECOND) {
    const middle = Math.floor((latest + nothingAfter) / 2)
    const found = next(middle)
    if (found !== undefined && found <= end) latest = found
    else nothingAfter = middle
  }
  return new Date(latest)
}

/** The next `count` due times after `from`; fewer, or none, for a date that never comes. */
export function nextSlots(schedule: Schedule, from: Date, count: number): Date[] {
  const next = createNext(schedule)
  const slots: Date[] = []
  let after: number | undefined = from.getTime()
  while (slots.length < count) {
    after = next(after)
    if (after === undefined) return slots
    slots.push(new Date(after))
  }
  return slots
}

/** Instants and wall-clock times are milliseconds; a wall-clock time is the instant at which UTC shows the same. */
type Next = (after: number) => number | undefined

function createNext({ cron, timeZone }: Schedule): Next {
  const wallClock = createWallClock(cron)
  const offsetAt = createOffset(timeZone)
  const [minute = '', hour = ''] = cron.trim().split(/\s+/).slice(-5)
  const goesByTheWall = minute.startsWith('*') || hour.startsWith('*')
  return goesByTheWall ? createNextByWall(wallClock, offsetAt) : createNextOncePerDay(wallClock, offsetAt)
}

function createWallClock(cron: string): Next {
  const time = new CronTime(cron, 'UTC')
  return (after) => {
    try {
      return time.getNextDateFrom(new Date(after), 'UTC').toMillis()
    } catch {
      // It gives up eight years ahead: the date never comes.
      return undefined
    }
  }
}

type OffsetAt = (instant: number) => number

function createOffset(timeZone: string): OffsetAt {
  const zone = Info.normalizeZone(toLuxonZone(timeZone))
  return (instant) => zone.offset(instant) * 60 * SECOND
}

function createNextByWall(wallClock: Next, offsetAt: OffsetAt): Next {
  return (after) => {
    let since = after
    let from = after
    for (;;) {
      const offset = offsetAt(since)
      const wall = wallClock(from + offset)
      if (wall === undefined) return undefined
      const change = findChange(offsetAt, since, wall - offset)
      if (change === undefined) return wall - offset
      // The clocks change on the way there: from that moment on, it included, the walls show something else.
      since = change
      from = change - SECOND
    }
  }
}

function createNextOncePerDay(wallClock: Next, offsetAt: OffsetAt): Next {
  return (after) => {
    let wall: number | undefined = after + offsetAt(after)
    for (;;) {
      wall = wallClock(wall)
      if (wall === undefined) return undefined
      const instant = firstInstantOf(wall, offsetAt)
      if (instant > after) return instant
    }
  }
}

/** The first instant at which the wall shows this time; for a skipped time the moment of the skip. */
function firstInstantOf(wall: number, offsetAt: OffsetAt): number {
  const instants = [offsetAt(wall - DAY), offsetAt(wall + DAY)]
    .map((offset) => wall - offset)
    .filter((instant) => instant + offsetAt(instant) === wall)
  return instants.length > 0
    ? Math.min(...instants)
    : (findChange(offsetAt, wall - DAY, wall + DAY) ?? wall - offsetAt(wall))
}

/** Changes of one zone lie further apart than this, so no pair of them cancels out between two looks. */
const STEP = 7 * DAY

/** The first instant after `from`, and not after `to`, at which the clocks change. */
function findChange(offsetAt: OffsetAt, from: number, to: number): number | undefined {
  const offset = offsetAt(from)
  let before = from
  let after = Math.min(before + STEP, to)
  while (offsetAt(after) === offset) {
    if (after >= to) return undefined
    before = after
    after = Math.min(before + STEP, to)
  }
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (offsetAt(middle) === offset) before = middle
    else after = middle
  }
  return after
}
