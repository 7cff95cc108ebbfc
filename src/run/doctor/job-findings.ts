import type { Finding } from '../events.ts'
import type { Launch } from '../launch.ts'
import { openLaunch } from '../open.ts'
import { createReleases } from '../releases.ts'
import { nextSlots } from '../schedule/slots.ts'

/** The job's own preflight checks, of plan and run, and whether its schedule ever comes. */
export async function examineJob(launch: Launch): Promise<readonly Finding[]> {
  const { random, clock } = launch.surroundings
  const releases = createReleases()
  try {
    const { context } = await openLaunch(launch, random.id(), releases)
    const findings: Finding[] = []
    for (const check of launch.opened.checks) findings.push(...(await check.look(context)))
    return [...summarize(launch.entry.name, findings), ...examineSchedule(launch, clock.now())]
  } finally {
    await releases.run()
  }
}

function summarize(job: string, findings: readonly Finding[]): readonly Finding[] {
  const named = findings.map((finding) => ({ ...finding, evidence: `${job}: ${finding.evidence}` }))
  if (named.some(({ severity }) => severity !== 'ok')) return named
  return [...named, { id: 'job.checks', severity: 'ok', evidence: `${job}: all checks before a run pass.` }]
}

function examineSchedule({ entry: { name, schedule } }: Launch, now: Date): readonly Finding[] {
  const id = 'job.schedule'
  if (schedule === undefined) return []
  const { cron, timeZone } = schedule
  const [next] = nextSlots(schedule, now, 1)
  if (next === undefined)
    return [
      {
        id,
        severity: 'error',
        evidence: `${name}: the date of its schedule "${cron}" never comes.`,
        fix: `Correct jobs.${name}.schedule, then run: rowkeeper schedule next`,
      },
    ]
  const evidence = `${name}: "${cron}" in ${timeZone} is due next at ${next.toISOString()}.`
  return [{ id, severity: 'ok', evidence }]
}
