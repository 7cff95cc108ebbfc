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
  const own = values.filter(({ path }) => path[0] === 'jobs' && path[1] === job.name)
  const named = own.filter(({ refersTo }) => refersTo !== undefined)
  const ofNamed = values.filter(({ path }) =>
    named.some(({ refersTo, value }) => path[0] === refersTo && path[1] === value),
  )
  const lines = [...own, ...ofNamed]
    .filter(({ secrecy }) => secrecy !== 'secret')
    .map(({ path, value, secrecy }) => [
      formatPath(path),
      secrecy === 'url' ? withoutPassword(String(value)) : value,
    ])
    .map((line) => JSON.stringify(line))
  return createHash('sha256').update(lines.toSorted().join('\n')).digest('hex')
}
