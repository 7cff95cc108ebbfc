import { exitCodes, RowkeeperError } from '../../src/lib/errors.ts'
import type { Fileless, FilelessOptions } from '../../src/run/job.ts'

/** Commands that only look at a migration, or steer one, need not know what it changes. */
const needsChange: readonly string[] = ['plan', 'run', 'measure']
/** Stands in for them; no server ever gets it. */
const anyChange = 'FORCE'

export const alterOption = {
  flags: '--alter <clauses>',
  description: 'without a configuration file: what stands behind ALTER TABLE',
}

export const fileless: Fileless = {
  options: [
    alterOption,
    { flags: '--hold', description: 'wait before the swap until: rowkeeper migrate cut-over' },
    { flags: '--strategy <strategy>', description: 'auto, instant, inplace or copy' },
    { flags: '--approve-renames', description: 'columns are renamed as plan shows it' },
  ],
  measuring: 'measure',
  beginning: ['run', 'measure'],
  overrides,
  keys(options, command) {
    const { table, alter } = options
    if (alter === undefined && needsChange.includes(command)) throw noChange(command)
    return { table, alter: alter ?? anyChange, ...overrides(options) }
  },
}

function overrides({ hold, strategy, approveRenames }: FilelessOptions): Readonly<Record<string, unknown>> {
  return {
    ...(hold === undefined ? {} : { cutOver: { hold: true } }),
    ...(strategy === undefined ? {} : { strategy }),
    ...(approveRenames === undefined ? {} : { approveRenames: true }),
  }
}

function noChange(command: string): RowkeeperError {
  return new RowkeeperError({
    code: 'usage.invalid',
    message: `migrate ${command} does not know what is to be changed.`,
    hint: `rowkeeper migrate ${command} --table film --alter 'ADD COLUMN note VARCHAR(200) NULL'`,
    exitCode: exitCodes.usage,
  })
}
