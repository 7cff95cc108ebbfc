import { createHash } from 'node:crypto'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import type { EffectiveValue } from './effective.ts'
import { formatPath } from './problem.ts'
import type { JobEntry } from './schema.ts'
import { withoutPassword } from './sensitive.ts'

/** SHA-256 (hexadecimal) of the values in force for one job. Throws `config.unknownJob` when there is none. */
export function hashJob(job: JobEntry | undefined, values: readonly EffectiveValue[]): string {
  if (job === undefined)
    throw new RowkeeperError({
      code: 'config.unknownJob',
      message: 'The configuration has no job of this name.',
      hint: 'See them with: rowkeeper jobs list',
      exitCode: exitCodes.usage,
    })
  const entries = [
    ['jobs', job.name],
    ['databases', job.database],
    ['services', job.service],
  ]
  const lines = values
    .filter(
      ({ path, secrecy }) =>
        secrecy !== 'secret' && entries.some(([group, name]) => path[0] === group && path[1] === name),
    )
    .map(({ path, value, secrecy }) => [
      formatPath(path),
      secrecy === 'url' ? withoutPassword(String(value)) : value,
    ])
    .map((line) => JSON.stringify(line))
  return createHash('sha256').update(lines.toSorted().join('\n')).digest('hex')
}
