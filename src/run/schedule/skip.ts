import { exitCodes } from '../../lib/errors.ts'
import type { Launch } from '../launch.ts'
import type { ResultDocument } from '../result.ts'
import { documentOf, startDocument } from '../result-document.ts'
import type { Ended } from '../runner.ts'

/** A slot that finds its job still at work is no failure: the run at work does what this one would have done. */
export function skipOverlap(result: ResultDocument): ResultDocument {
  if (result.error?.code !== 'lease.held') return result
  return { ...result, status: 'skipped', effect: 'none', exitCode: exitCodes.done }
}

/** The end of a run that never began, and need not: somebody else has its slot, or there is none. */
export function endSkipped(launch: Launch, reason: string): Ended {
  const started = startDocument(launch, 'run')
  const result = documentOf(
    started,
    { status: 'skipped', effect: 'none', exitCode: exitCodes.done },
    { detail: { skipped: reason } },
  )
  started.emit({ type: 'runFinished', result })
  return { result, report: { headline: `Skipped: ${reason}`, sections: [] } }
}
