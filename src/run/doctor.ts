import type { Config } from '../config/schema.ts'
import type { ControlMigration } from '../db/migrate.ts'
import { type ExitCode, exitCodes } from '../lib/errors.ts'
import { plural } from '../lib/units.ts'
import { installCommand } from './control.ts'
import { examineDatabase } from './doctor/database-findings.ts'
import { findingsOf } from './doctor/failure.ts'
import { examineJob } from './doctor/job-findings.ts'
import { examineService } from './doctor/service-findings.ts'
import type { Finding } from './events.ts'
import type { Launch, Surroundings } from './launch.ts'
import type { Report } from './report.ts'

export interface DiagnoseOptions {
  readonly config: Config
  readonly surroundings: Surroundings
  readonly migrations: readonly ControlMigration[]
  /** The jobs to look at: all of the configuration, or the one asked for. */
  readonly launches: readonly Launch[]
  /** `all`: every database and service of the configuration; `launches`: only those the jobs use. */
  readonly scope: 'all' | 'launches'
}

/**
 * Looks at everything the jobs depend on and changes nothing. What fails becomes a finding; the checks after it go on.
 * A job is looked at only when its databases could be.
 */
export async function diagnose(options: DiagnoseOptions): Promise<readonly Finding[]> {
  const { surroundings, migrations, launches } = options
  const findings: Finding[] = []
  const unreachable = new Set<string>()
  for (const [name, config] of pick(options, 'databases')) {
    const expected = { migrations, installCommand: installCommand(options.config.databases, name) }
    const found = await findingsOf(name, () => examineDatabase({ name, config }, surroundings, expected))
    if (found.every(({ id }) => id !== 'database.server')) unreachable.add(name)
    findings.push(...found)
  }
  for (const [name, config] of pick(options, 'services'))
    findings.push(...(await findingsOf(name, () => examineService(name, config, surroundings))))
  for (const launch of launches) {
    if (databasesOf(launch).some((name) => unreachable.has(name))) continue
    findings.push(...(await findingsOf(launch.entry.name, () => examineJob(launch))))
  }
  return findings
}

function pick<Group extends 'databases' | 'services'>(
  { config, launches, scope }: DiagnoseOptions,
  group: Group,
): [string, Config[Group][string]][] {
  const used = launches.flatMap((launch) =>
    group === 'databases' ? databasesOf(launch) : [launch.entry.service ?? ''],
  )
  const entries: [string, Config[Group][string]][] = Object.entries(config[group])
  return entries.filter(([name]) => scope === 'all' || used.includes(name))
}

function databasesOf({ entry, opened }: Launch): readonly string[] {
  return opened.destination === undefined ? [entry.database] : [entry.database, opened.destination.name]
}

/** Refused (4) when something would keep a job from running, done (0) otherwise, warnings included. */
export function exitCodeOf(findings: readonly Finding[]): ExitCode {
  return findings.some(({ severity }) => severity === 'error') ? exitCodes.refused : exitCodes.done
}

const marks: Record<Finding['severity'], string> = { error: 'ERROR', warning: 'warning', ok: 'ok' }

/** What is wrong first, each with what to do about it; then what was found in order. */
export function describeFindings(findings: readonly Finding[]): Report {
  const of = (severity: Finding['severity']) => findings.filter((finding) => finding.severity === severity)
  const wrong = [...of('error'), ...of('warning')]
  const counts = `${plural(of('error').length, 'error')}, ${plural(of('warning').length, 'warning')}`
  return {
    headline: wrong.length === 0 ? 'All is well.' : `Found ${counts}.`,
    sections: [
      ...wrong.map(({ id, severity, evidence, fix }) => ({
        type: 'lines' as const,
        title: `${marks[severity]} ${id}`,
        lines: [...evidence.split('\n'), ...(fix === undefined ? [] : [`Fix: ${fix}`])],
      })),
      {
        type: 'facts',
        title: 'In order',
        facts: of('ok').map(({ id, evidence }) => ({ label: id, value: evidence })),
      },
    ],
  }
}
