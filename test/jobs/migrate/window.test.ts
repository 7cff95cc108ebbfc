import { describe, expect, it } from 'vitest'
import { isInWindow } from '../../../jobs/migrate/cutover/in-window.ts'
import { parseWindow } from '../../../jobs/migrate/cutover/window.ts'

const cases = [
  ['02:00-05:00', '2026-03-01T02:00:00Z', true],
  ['02:00-05:00', '2026-03-01T01:59:59Z', false],
  ['02:00-05:00', '2026-03-01T05:00:00Z', false],
  ['22:00-02:00', '2026-03-01T23:30:00Z', true],
  ['22:00-02:00', '2026-03-01T01:30:00Z', true],
  ['22:00-02:00', '2026-03-01T12:00:00Z', false],
  ['02:00-05:00 Asia/Seoul', '2026-03-01T17:00:00Z', true],
  ['02:00-05:00 Asia/Seoul', '2026-03-01T02:30:00Z', false],
  ['02:00-05:00 +05:45', '2026-02-28T20:30:00Z', true],
] as const

describe('a window for the swap', () => {
  for (const [window, at, isOpen] of cases)
    it(`${window} is ${isOpen ? 'open' : 'closed'} at ${at}`, () => {
      expect(isInWindow(parseWindow(window), at)).toBe(isOpen)
    })
})
