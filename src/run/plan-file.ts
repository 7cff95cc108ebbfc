import { z } from 'zod'
import { elapsedBetween } from '../db/date-time.ts'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import { formatDuration } from '../lib/units.ts'

/** A plan is evidence of a moment; older than this it must be made again. */
const PLAN_TTL_MS = 60 * 60 * 1000

/** What `plan -o` writes and `run --plan` reads. `asOf` is the server's clock, ISO text. */
const savedPlanSchema = z.strictObject({
  schemaVersion: z.literal(1),
  job: z.string(),
  kind: z.string(),
  asOf: z.iso.datetime(),
  fingerprint: z.strictObject({
    /** SHA-256 of the job's effective configuration without its secrets. */
    configuration: z.string(),
    server: z.string(),
    /** Of the tables worked on. */
    definition: z.string(),
  }),
  plan: z.unknown(),
})

export type SavedPlan = z.output<typeof savedPlanSchema>
export type Fingerprint = SavedPlan['fingerprint']

/** Throws `plan.unreadable` (exit 65) for anything but a plan file of this version. */
export function parseSavedPlan(text: string, path: string): SavedPlan {
  const parsed = savedPlanSchema.safeParse(parseJson(text, path))
  if (parsed.success) return parsed.data
  throw unreadablePlan(path, z.prettifyError(parsed.error))
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw unreadablePlan(path, cause instanceof Error ? cause.message : String(cause))
  }
}

export function unreadablePlan(path: string, observed: string): RowkeeperError {
  return new RowkeeperError({
    code: 'plan.unreadable',
    message: `${path} is no plan this version of rowkeeper wrote: ${observed}`,
    hint: 'Make a new one with: rowkeeper plan <job> -o plan.json',
    exitCode: exitCodes.badInput,
  })
}

/** Throws `plan.stale` (exit 4) naming what changed since the plan was made. */
export function checkPlanFresh(
  saved: SavedPlan,
  now: { readonly job: string; readonly asOf: string; readonly fingerprint: Fingerprint },
): void {
  const differs = Object.entries(now.fingerprint)
    .filter(([part, value]) => saved.fingerprint[part as keyof Fingerprint] !== value)
    .map(([part]) => `the ${part}`)
  if (saved.job !== now.job) throw stale(`it was made for the job ${saved.job}, not ${now.job}`, now.job)
  if (differs.length > 0) throw stale(`${differs.join(' and ')} changed since it was made`, now.job)
  const age = elapsedBetween(saved.asOf, now.asOf)
  if (age < 0)
    throw stale(`it was made at ${saved.asOf}, after the server's clock, which says ${now.asOf}`, now.job)
  if (age <= PLAN_TTL_MS) return
  throw stale(
    `it is ${formatDuration(age)} old, and a plan is good for ${formatDuration(PLAN_TTL_MS)}`,
    now.job,
  )
}

function stale(reason: string, job: string): RowkeeperError {
  return new RowkeeperError({
    code: 'plan.stale',
    message: `The plan was not executed: ${reason}.`,
    hint: `Make a new one with: rowkeeper plan ${job} -o plan.json`,
    exitCode: exitCodes.refused,
  })
}
