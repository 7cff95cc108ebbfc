import type { RunEvent } from '../../src/run/events.ts'
import type { Ended, EndedPlan } from '../../src/run/runner.ts'
import type { ConfiguredJob, RunOptions } from './configured-job.ts'

/**
 * What an operator reads: exit code, warnings of the checks, the error with its advice. Without what differs from server to
 * server; the test's database is `shop`.
 */
async function tell(
  job: ConfiguredJob,
  work: (options: RunOptions) => Promise<Pick<Ended | EndedPlan, 'result'>>,
): Promise<string> {
  const warnings: string[] = []
  const emit = (event: RunEvent) => {
    if (event.type !== 'checkFailed' || event.finding.severity !== 'warning') return
    warnings.push(`warning ${event.finding.id}: ${event.finding.evidence}`)
  }
  const { error, exitCode } = (await work({ emit })).result
  const refusal = error === undefined ? [] : [`${error.code}: ${error.message}`, `next: ${error.hint}`]
  return [`exit ${exitCode}`, ...warnings, ...refusal]
    .join('\n')
    .replaceAll(job.database.name, 'shop')
    .replace('preflight.refused: ', '')
    .replaceAll(/utf8mb4_(general|0900_ai)_ci/g, 'utf8mb4_default')
    .replaceAll(/about [\d,]+ rows?/g, 'about n rows')
}

export const tellPlan = (job: ConfiguredJob, options: RunOptions = {}) =>
  tell(job, (more) => job.plan({ ...options, ...more }))

export const tellRun = (job: ConfiguredJob, options: RunOptions = {}) =>
  tell(job, (more) => job.run({ ...options, ...more }))
