import type { Verb } from '../../../src/run/job.ts'
import type { RollupConfig } from '../config.ts'
import { dayOptions } from './input.ts'
import { previewVerify, verifyCounters } from './verify/verify-counters.ts'

export const rollupVerbs: readonly Verb<RollupConfig>[] = [
  {
    group: 'rollup',
    name: 'verify',
    summary: 'Compare counters with what was counted, and with each other',
    arguments: [],
    options: [
      ...dayOptions,
      { flags: '--sample <share>', description: 'only a share of days and objects, like 1%' },
      { flags: '--repair', description: 'add what larger counters lack against the smallest' },
    ],
    access: 'write',
    // Not the table's lease: a repair only adds, as runs do, so both may be at work. Two repairs may not.
    lease: ({ job }) => `rollup.verify.${job}`,
    preview: previewVerify,
    run: verifyCounters,
  },
]
