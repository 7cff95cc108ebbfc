import type { Verb } from '../../../src/run/job.ts'
import type { ArchiveConfig } from '../config.ts'
import { monthOption } from './input.ts'
import { listMonths } from './list-months.ts'
import { releaseMonth } from './release-month.ts'

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
    name: 'release',
    summary: 'Let runs archive a restored month again',
    arguments: [],
    options: [monthOption],
    access: 'write',
    // Not the table's lease: it changes one word of the ledger, and a run under way has made its plan already.
    lease: ({ job }) => `archive.release.${job}`,
    run: releaseMonth,
  },
]
