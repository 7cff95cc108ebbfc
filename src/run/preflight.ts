import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import type { PlanContext } from './context.ts'
import type { Finding } from './events.ts'
import type { OpenJob } from './job.ts'

/** Carries every failed check, so that one run names everything there is to repair. */
export class PreflightError extends RowkeeperError {
  readonly findings: readonly Finding[]

  constructor(findings: readonly Finding[]) {
    const lines = findings.map((finding) => `${finding.id}: ${finding.evidence}`)
    super({
      code: 'preflight.refused',
      message: lines.join('\n'),
      hint: joinFixes(findings),
      exitCode: exitCodes.refused,
    })
    this.findings = findings
  }
}

/** Each once, one below the other: two tables may lack the same right. */
function joinFixes(findings: readonly Finding[]): string | undefined {
  const fixes = new Set(findings.flatMap(({ fix }) => fix ?? []))
  return fixes.size === 0 ? undefined : [...fixes].join('\n')
}

/** Runs the checks of this scope; warnings are told, errors refuse the run together. */
export async function checkBefore(
  scope: 'plan' | 'run',
  opened: OpenJob,
  context: PlanContext,
): Promise<void> {
  const failed: Finding[] = []
  for (const check of opened.checks) {
    if (scope === 'plan' && check.scope === 'run') continue
    for (const finding of await check.look(context)) {
      if (finding.severity === 'ok') continue
      context.emit({ type: 'checkFailed', finding })
      if (finding.severity === 'error') failed.push(finding)
    }
  }
  if (failed.length > 0) throw new PreflightError(failed)
}
