import type { PlanContext } from '../../../src/run/context.ts'
import type { Finding } from '../../../src/run/events.ts'
import type { Settings, Tables } from '../tables.ts'

/** One question about tables that are there and can be told apart. Reads only. */
export type Look = (scene: CheckScene) => Promise<readonly Finding[]>

export interface CheckScene {
  readonly context: PlanContext
  readonly settings: Settings
  readonly tables: Tables
}

/** Ends the run before anything is done. */
export function refusal(id: string, evidence: string, fix: string): Finding {
  return { id: `rollup.${id}`, severity: 'error', evidence, fix }
}

export function warning(id: string, evidence: string, fix?: string): Finding {
  return { id: `rollup.${id}`, severity: 'warning', evidence, fix }
}
