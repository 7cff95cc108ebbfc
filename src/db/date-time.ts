import { DateTime } from 'luxon'
import type { Column } from './catalog.ts'

const SQL_FORMAT = 'yyyy-MM-dd HH:mm:ss.SSS'

/**
 * An instant as the text to compare a column with. TIMESTAMP columns are read in UTC, since every session runs in UTC;
 * DATETIME and DATE columns carry no zone, so `zone` says what the application meant when it wrote them.
 */
export function toColumnTime(instant: string, column: Pick<Column, 'dataType'>, zone: string): string {
  return DateTime.fromISO(instant, { zone: columnZone(column, zone) }).toFormat(SQL_FORMAT)
}

/**
 * As `toColumnTime`, for a lower bound: no row written at or after the instant has a smaller text. In an hour that the
 * zone lives twice, the second pass starts again below the first; then rows of up to an hour before pass the bound too.
 */
export function toEarliestColumnTime(
  instant: string,
  column: Pick<Column, 'dataType'>,
  zone: string,
): string {
  const offsets = DateTime.fromISO(instant, { zone: columnZone(column, zone) })
    .getPossibleOffsets()
    .map(({ offset }) => offset)
  const repeatedMinutes = Math.max(...offsets) - Math.min(...offsets)
  return toColumnTime(shiftInstant(instant, -repeatedMinutes * 60_000), column, zone)
}

/**
 * The instant a column's text means, as ISO text in UTC. In the hour that a zone lives twice the later instant is
 * taken: a row may look younger than it is and wait longer, never older and be judged too early.
 */
export function fromColumnTime(
  text: string,
  column: Pick<Column, 'dataType'>,
  zone: string,
): string | undefined {
  const columnsZone = columnZone(column, zone)
  if (columnsZone === 'UTC') return fromUtcText(text)
  const parsed = DateTime.fromSQL(text, { zone: columnsZone })
  if (!parsed.isValid) return undefined
  const latest = parsed.getPossibleOffsets().reduce((a, b) => (b.toMillis() > a.toMillis() ? b : a), parsed)
  return latest.toUTC().toISO() ?? undefined
}

function columnZone({ dataType }: Pick<Column, 'dataType'>, zone: string): string {
  if (dataType === 'timestamp') return 'UTC'
  return /^[+-]\d/.test(zone) ? `UTC${zone}` : zone
}

// UTC has no rules to look up, so what follows is the platform's Date: luxon took a fifth of the time a row needs.

/** ISO text of a UTC column's text; undefined for `0000-00-00` and whatever else is no point in time. */
function fromUtcText(text: string): string | undefined {
  const match = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d)(\.\d+)?)?$/.exec(text)
  if (match === null) return undefined
  const [, date, time = '00:00:00', fraction = ''] = match
  const milliseconds = Date.parse(`${date}T${time}${fraction.slice(0, 4)}Z`)
  if (Number.isNaN(milliseconds)) return undefined
  const instant = new Date(milliseconds).toISOString()
  // The platform reads the 31st of February as the 3rd of March; servers may hold such days (ALLOW_INVALID_DATES).
  return instant.startsWith(date ?? '') ? instant : undefined
}

/** ISO text moved by a duration in milliseconds. */
export function shiftInstant(instant: string, milliseconds: number): string {
  return new Date(Date.parse(instant) + milliseconds).toISOString()
}

/** Milliseconds from `earlier` to `later`. */
export function elapsedBetween(earlier: string, later: string): number {
  return Date.parse(later) - Date.parse(earlier)
}

/** `2026-01-31 10:00:00.000` in UTC, the form of the control tables' DATETIME(3) columns. */
export function toControlTime(instant: string): string {
  return new Date(Date.parse(instant)).toISOString().replace('T', ' ').replace('Z', '')
}

export function fromControlTime(text: string): string {
  return fromUtcText(text) ?? text
}
