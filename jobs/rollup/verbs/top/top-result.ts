import type { VerbResult } from '../../../../src/run/job.ts'
import { describeGroup } from '../../events/describe-group.ts'
import type { Settings } from '../../tables.ts'

export interface TopEntry {
  readonly group: readonly string[]
  /** Exact decimal text. */
  readonly amount: string
}

export interface Top {
  readonly measure: string
  readonly size: string
  /** `day of 2026-04-01`; undefined when nothing was counted. */
  readonly of: string | undefined
  readonly entries: readonly TopEntry[]
}

export function topResult({ job }: Settings, { measure, size, of, entries }: Top): VerbResult {
  const title = `Highest ${measure}, ${of}`
  return {
    report: {
      headline:
        entries.length === 0
          ? `${job}: nothing was counted${of === undefined ? ' yet' : ` in ${of}`}.`
          : `${job}: ${title.toLowerCase()}.`,
      sections:
        entries.length === 0
          ? []
          : [
              {
                type: 'bars',
                title,
                bars: entries.map(({ group, amount }) => ({
                  label: describeGroup(group),
                  value: Number(amount),
                })),
              },
            ],
    },
    detail: { measure, size, of: of ?? null, top: entries },
    next: [],
    counts: { shown: entries.length },
    changed: 0,
    leftOver: 0,
  }
}
