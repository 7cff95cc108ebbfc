import { isTimeZone } from '../../../src/config/time-zone.ts'

/** Minutes of the day in a zone; one that ends before it begins goes over midnight. */
export interface Window {
  readonly fromMinute: number
  readonly toMinute: number
  readonly zone: string
}

const FORM = /^(\d\d):(\d\d)-(\d\d):(\d\d)(?: (\S+))?$/

export function findWindowProblem(text: string): string | undefined {
  const parts = FORM.exec(text)
  if (parts === null) return `expected times such as 02:00-05:00 Asia/Seoul, found ${JSON.stringify(text)}`
  const [, fromHour, fromMinute, toHour, toMinute, zone = 'UTC'] = parts
  if ([fromHour, toHour].some((hour) => Number(hour) > 23)) return 'hours go from 00 to 23'
  if ([fromMinute, toMinute].some((minute) => Number(minute) > 59)) return 'minutes go from 00 to 59'
  if (`${fromHour}${fromMinute}` === `${toHour}${toMinute}`) return 'the window is empty'
  return isTimeZone(zone) ? undefined : `unknown time zone ${JSON.stringify(zone)}`
}

/** Of a text in which `findWindowProblem` found none. */
export function parseWindow(text: string): Window {
  const [, fromHour, fromMinute, toHour, toMinute, zone = 'UTC'] = FORM.exec(text) ?? []
  return {
    fromMinute: Number(fromHour) * 60 + Number(fromMinute),
    toMinute: Number(toHour) * 60 + Number(toMinute),
    zone,
  }
}
