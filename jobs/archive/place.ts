import type { ExecuteContext, PlanContext, PlanDestination, Writing } from '../../src/run/context.ts'

/** Where the archive tables and the ledger of their months are: the live table's own server, or another one. */
export type Place = PlanDestination & Writing

export function archivePlace(context: ExecuteContext): Place {
  return context.destination ?? context
}

export function planPlace(context: PlanContext): PlanDestination {
  return context.destination ?? context
}
