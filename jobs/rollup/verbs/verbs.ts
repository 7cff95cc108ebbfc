import type { Verb } from '../../../src/run/job.ts'
import type { RollupConfig } from '../config.ts'
import { importFile, previewImport } from '../import/import-file.ts'
import { listBadLines } from '../import/list-bad-lines.ts'
import { dayOptions } from './input.ts'
import { previewRebuild, rebuildCounters } from './rebuild/rebuild-counters.ts'
import { listTop } from './top/list-top.ts'
import { previewVerify, verifyCounters } from './verify/verify-counters.ts'

export const rollupVerbs: readonly Verb<RollupConfig>[] = [
  {
    group: 'rollup',
    name: 'import',
    summary: 'Count the lines of a file or of standard input, each once',
    arguments: [{ name: 'file', description: 'plain or compressed with gzip; - is standard input' }],
    options: [
      {
        flags: '--batch-id <id>',
        description: 'by what standard input is known when it comes again',
      },
    ],
    access: 'write',
    lease: ({ schema, options }) => `${schema}.${options.source?.table ?? options.into.table}`,
    preview: previewImport,
    run: importFile,
  },
  {
    group: 'rollup',
    name: 'bad-lines',
    summary: 'Lines that no import could read, with where they stood and why',
    arguments: [],
    options: [],
    access: 'read',
    run: listBadLines,
  },
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
  {
    group: 'rollup',
    name: 'rebuild',
    summary: 'Count the buckets of some days anew from the rows of events, and set their counters',
    arguments: [],
    options: dayOptions,
    access: 'write',
    // That of runs, so that none counts between counting anew and setting.
    lease: ({ schema, options }) => `${schema}.${options.source?.table ?? options.into.table}`,
    preview: previewRebuild,
    run: rebuildCounters,
  },
  {
    group: 'rollup',
    name: 'top',
    summary: 'What was counted most, in one bucket or in several',
    arguments: [],
    options: [
      { flags: '--size <size>', description: '15min, hour, day or month, of those the job counts by' },
      { flags: '--at <time>', description: 'the bucket that this time lies in; the newest without it' },
      ...dayOptions,
      { flags: '--measure <name>', description: 'what to look at; the first measure without it' },
      { flags: '--rows <count>', description: 'so many, 10 without it' },
    ],
    access: 'read',
    run: listTop,
  },
]
