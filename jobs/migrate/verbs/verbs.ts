import type { Verb } from '../../../src/run/job.ts'
import type { MigrateConfig } from '../config.ts'
import { alterOption } from '../fileless.ts'
import type { Settings } from '../tables.ts'
import { cleanUp, previewCleanUp } from './clean-up.ts'
import { finishMigration, previewFinish } from './finish.ts'
import { measureMigration } from './measure.ts'
import { previewRevert, revertMigration } from './revert.ts'
import { showStatus } from './status.ts'
import { askFor } from './steer.ts'

const group = 'migrate'

/** Steering needs no lease of the table: the run that works on it has that. Two operators may not steer at once. */
function steeringLease({ schema, options }: Settings): string {
  return `migrate.steer.${schema}.${options.table}`
}

function tableLease({ schema, options }: Settings): string {
  return `${schema}.${options.table}`
}

const plain = { group, arguments: [], options: [] } as const

const confirm = {
  flags: '--confirm <table>',
  description: 'the name of the table: yes, drop what cannot be had back',
}

export const migrateVerbs: readonly Verb<MigrateConfig>[] = [
  {
    ...plain,
    name: 'status',
    summary: 'How far a migration is, how long it will take, and what it waits for',
    access: 'read',
    run: showStatus,
  },
  {
    ...plain,
    name: 'measure',
    summary: 'Ask the server what it makes of the change, and copy some rows to know how long it takes',
    options: [alterOption],
    access: 'write',
    lease: tableLease,
    run: measureMigration,
  },
  {
    ...plain,
    name: 'pause',
    summary: 'Let a running migration rest until resume; changes are followed at the end',
    access: 'write',
    lease: steeringLease,
    run: askFor('pause'),
  },
  {
    ...plain,
    name: 'resume',
    summary: 'Let a migration that was paused go on',
    access: 'write',
    lease: steeringLease,
    run: askFor('goOn'),
  },
  {
    ...plain,
    name: 'cut-over',
    summary: 'Let a migration that holds swap its tables',
    access: 'write',
    lease: steeringLease,
    run: askFor('cutOver'),
  },
  {
    ...plain,
    name: 'cancel',
    summary: 'Give a migration up before the swap; the run that works on it removes what it made',
    access: 'write',
    lease: steeringLease,
    run: askFor('cancel'),
  },
  {
    ...plain,
    name: 'revert',
    summary: 'Swap the retired table back in, with every write since',
    access: 'write',
    lease: tableLease,
    preview: previewRevert,
    run: revertMigration,
  },
  {
    ...plain,
    name: 'finish',
    summary: 'Drop the retired table and the way back',
    options: [confirm],
    access: 'write',
    lease: tableLease,
    preview: previewFinish,
    run: finishMigration,
  },
  {
    ...plain,
    name: 'cleanup',
    summary: 'Remove what a migration made that nobody works on and that was not swapped',
    access: 'write',
    lease: tableLease,
    preview: previewCleanUp,
    run: cleanUp,
  },
]
