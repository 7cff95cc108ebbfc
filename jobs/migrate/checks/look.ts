import type { TableDefinition } from '../../../src/db/catalog.ts'
import type { PlanContext } from '../../../src/run/context.ts'
import type { Finding } from '../../../src/run/events.ts'
import type { Migration } from '../state/model.ts'
import type { Settings } from '../tables.ts'

/** One question about a table that is there. Reads only. */
export type Look = (scene: CheckScene) => Promise<readonly Finding[]>

export interface CheckScene {
  readonly context: PlanContext
  readonly settings: Settings
  readonly table: TableDefinition
  /** Undefined when none is under way, or waits to be finished. */
  readonly migration: Migration | undefined
}

/** Ends the run before anything is done. */
export function refusal(id: string, evidence: string, fix: string): Finding {
  return { id: `migrate.${id}`, severity: 'error', evidence, fix }
}

export function warning(id: string, evidence: string, fix?: string): Finding {
  return { id: `migrate.${id}`, severity: 'warning', evidence, fix }
}
