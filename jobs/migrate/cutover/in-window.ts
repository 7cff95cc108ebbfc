import { toColumnTime } from '../../../src/db/date-time.ts'
import type { Window } from './window.ts'

/** `at`: ISO text in UTC. */
export function isInWindow({ fromMinute, toMinute, zone }: Window, at: string): boolean {
  const [, hour, minute] = /(\d\d):(\d\d):/.exec(toColumnTime(at, { dataType: 'datetime' }, zone)) ?? []
  const now = Number(hour) * 60 + Number(minute)
  return fromMinute < toMinute ? now >= fromMinute && now < toMinute : now >= fromMinute || now < toMinute
}
