import type { JobSettings, Verb } from '../../../src/run/job.ts'
import type { ArchiveConfig } from '../config.ts'
import { forgetRollup, previewForgetRollup } from './forget-rollup.ts'
import { monthOption } from './input.ts'
import { listMonths } from './months/list-months.ts'
import { previewRebuild, rebuildTable } from './rebuild/rebuild-table.ts'
import { releaseMonth } from './release-month.ts'
import { previewRestore, restoreArchive } from './restore/restore-archive.ts'
import { verifyArchive } from './verify/verify-archive.ts'

export const archiveVerbs: readonly Verb<ArchiveConfig>[] = [
  {
    group: 'archive',
    name: 'months',
    summary: 'Where the rows of every month are, and whether they are proven',
    arguments: [],
    options: [],
    access: 'read',
    run: listMonths,
  },
  {
    group: 'archive',
    name: 'verify',
    summary: 'Read the archive and compare it with what it must hold',
    arguments: [],
    options: [
      monthOption,
      {
        flags: '--adopt',
        description: 'take what is there as right: unproven months, and with --month one that differs',
      },
    ],
    access: 'write',
    // Not the table's lease: what is read is one instant, and marked as proven only while nothing has changed since.
    lease: ({ job }) => `archive.verify.${job}`,
    run: verifyArchive,
  },
  {
    group: 'archive',
    name: 'restore',
    summary: 'Bring a month or a row back to the live table',
    arguments: [],
    options: [
      monthOption,
      { flags: '--key <values>', description: "one row, by its key; commas between the key's columns" },
    ],
    access: 'write',
    lease: tableLease,
    preview: previewRestore,
    run: restoreArchive,
  },
  {
    group: 'archive',
    name: 'release',
    summary: 'Let runs archive a restored month again',
    arguments: [],
    options: [monthOption],
    access: 'write',
    // Not the table's lease: it changes one word of the ledger, and a run under way has made its plan already.
    lease: ({ job }) => `archive.release.${job}`,
    run: releaseMonth,
  },
  {
    group: 'archive',
    name: 'forget-rollup',
    summary: 'Let no month wait any more for a rollup job that was removed',
    arguments: [{ name: 'rollup', description: 'the rollup job that there is no more' }],
    options: [],
    access: 'write',
    lease: tableLease,
    preview: previewForgetRollup,
    run: forgetRollup,
  },
  {
    group: 'archive',
    name: 'rebuild',
    summary: 'Write a table anew, so that unused space of its file goes back to the system',
    arguments: [],
    options: [
      { flags: '--archive', description: 'the archive table; the live table without it' },
      { flags: '--force', description: 'also when it gains little' },
    ],
    access: 'write',
    lease: tableLease,
    preview: previewRebuild,
    run: rebuildTable,
  },
]

/** The lease of runs: none of them is at work meanwhile. */
function tableLease({ schema, options }: JobSettings<ArchiveConfig>): string {
  return `${schema}.${options.table}`
}
