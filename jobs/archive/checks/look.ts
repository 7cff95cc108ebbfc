import type { PlanContext } from '../../../src/run/context.ts'
import type { Finding } from '../../../src/run/events.ts'
import type { JobSettings } from '../../../src/run/job.ts'
import type { ArchiveConfig } from '../config.ts'
import type { Tables } from '../tables.ts'

/** One question about tables that are there and can be told apart. Reads only. */
export type Look = (scene: CheckScene) => Promise<readonly Finding[]>

export interface CheckScene {
  readonly context: PlanContext
  readonly settings: JobSettings<ArchiveConfig>
  readonly tables: Tables
}

/** Ends the run before anything is done. */
export function refusal(id: string, evidence: string, fix: string): Finding {
  return { id: `archive.${id}`, severity: 'error', evidence, fix }
}

export function warning(id: string, evidence: string, fix?: string): Finding {
  return { id: `archive.${id}`, severity: 'warning', evidence, fix }
}

/** Where a wrong name or a wrong value stands. */
export function correct(job: string, key: string): string {
  return `Correct jobs.${job}.${key} in the configuration, then run: rowkeeper config check`
}
