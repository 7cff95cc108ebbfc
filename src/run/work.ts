import type { Writer } from '../db/database.ts'
import { WriteGrant } from '../db/grant.ts'
import type { Remote } from '../http/remote.ts'
import { createDeadline, raceAbort } from '../lib/abort.ts'
import { asRowkeeperError } from '../lib/errors.ts'
import type { ExecuteContext, Writing } from './context.ts'
import { requireEveryControl } from './control.ts'
import { startHeartbeat } from './heartbeat.ts'
import type { Checkpoint } from './job.ts'
import type { Launch } from './launch.ts'
import type { Lease } from './lease.ts'
import type { Opened } from './open.ts'
import type { Releases } from './releases.ts'
import type { Counts, ResultDocument } from './result.ts'
import { finishRun, insertRun, pruneRuns, saveBreaker, saveCheckpoint, selectCheckpoint } from './sql.ts'
import { holdLease, openWriting, type Permit } from './writing.ts'

/** The writing half of a run: it exists only under its leases and a heartbeat. */
export interface Work {
  readonly context: ExecuteContext
  /** Writes down that the run has begun. From here on it has an end, which `finish` writes down. */
  begin(): Promise<void>
  readCheckpoint(): Promise<Checkpoint | undefined>
  /** After a page: where to go on, and what the service taught us. */
  saveProgress(next: Checkpoint | undefined): Promise<void>
  /** Writes down how the run ended. The leases are given back with the other releases. */
  finish(result: ResultDocument): Promise<void>
}

export interface WorkOptions {
  readonly verb: string
  readonly lease: string
  readonly counts: () => Counts
}

export async function openWork(
  launch: Launch,
  opened: Opened,
  options: WorkOptions,
  releases: Releases,
): Promise<Work> {
  const { context, remote } = opened
  requireEveryControl(context)
  const { clock, control, files, random, reach } = launch.surroundings
  // The one place that makes the right to write: after preflight, for this run only.
  const grant = WriteGrant.mint(`run ${context.runId}`)
  const permit: Permit = { launch, context, grant, token: random.token(), releases }
  const leases = await holdLeases(permit, opened, options.lease)
  const heartbeat = startHeartbeat({ leases, clock, control, counts: options.counts })
  releases.add(heartbeat.stop)
  const writing = await openEveryWriting(permit, opened, leases)
  const writer = remote?.openWriter(grant)
  return createWork({
    launch,
    context: { ...context, ...writing, writer, files, reach },
    verb: options.verb,
    leases,
    remote,
  })
}

type Leases = readonly [home: Lease, ...away: Lease[]]

/** The run's own first, and neither is waited for: two runs cannot each keep one from the other. */
async function holdLeases(
  permit: Permit,
  { context, database, destination }: Opened,
  name: string,
): Promise<Leases> {
  const home = await holdLease(permit, { database, schema: context.control.schema, name })
  if (destination === undefined) return [home]
  const { plan, lease, database: other } = destination
  return [home, await holdLease(permit, { database: other, schema: plan.control.schema, name: lease })]
}

async function openEveryWriting(
  permit: Permit,
  { database, destination }: Opened,
  [home, away]: Leases,
): Promise<Writing & Pick<ExecuteContext, 'destination'>> {
  let lastSeq = 0
  const nextSeq = () => ++lastSeq
  const writing = await openWriting(permit, database, { lease: home, nextSeq })
  if (destination === undefined || away === undefined) return { ...writing, destination: undefined }
  const there = await openWriting(permit, destination.database, { lease: away, nextSeq })
  return { ...writing, destination: { ...destination.plan, ...there } }
}

interface WorkInHand {
  readonly launch: Launch
  readonly context: ExecuteContext
  readonly verb: string
  readonly leases: Leases
  readonly remote: Remote | undefined
}

function createWork({ launch, context, verb, leases, remote }: WorkInHand): Work {
  const { job, runId } = context
  const { kind, service } = launch.entry
  const [{ ledger, schema, row }] = leases
  const saveService = async () => {
    if (remote === undefined || service === undefined) return
    await ledger.use((session) => session.change(saveBreaker(schema, service, JSON.stringify(remote.save()))))
  }
  return {
    context,
    async begin() {
      const { name: lease, holder } = row
      await ledger.use((session) =>
        session.change(insertRun(schema, { runId, job, kind, verb, lease, holder })),
      )
      await context.reach('run.lease-taken')
    },
    async readCheckpoint() {
      const [found] = await ledger.use((session) => session.rows(selectCheckpoint(schema, job, runId)))
      return found === undefined || found.checkpoint === null ? undefined : String(found.checkpoint)
    },
    async saveProgress(next) {
      await ledger.use((session) => session.change(saveCheckpoint(schema, runId, next ?? null)))
      await saveService()
    },
    finish: (result) => writeDown(context, leases, result, saveService),
  }
}

/** A server that hangs may not keep the process: what could not be written down shows as lost when the lease runs out. */
const FINISH_LIMIT_MS = 10_000
const FINISH_LIMIT_KILLED_MS = 800

async function writeDown(
  context: ExecuteContext,
  [home, away]: Leases,
  result: ResultDocument,
  saveService: () => Promise<void>,
): Promise<void> {
  await context.reach('run.before-finish')
  const limit = context.kill.aborted ? FINISH_LIMIT_KILLED_MS : FINISH_LIMIT_MS
  const deadline = createDeadline(context.clock, limit, () => new Error('the server did not answer in time'))
  const finish = async () => {
    await home.ledger.use((session) => session.change(finishRun(home.schema, endOf(result))))
    await prune(home.ledger, home.schema)
    // The second database's server may be the one that is gone; of this run nothing is missing there.
    if (away !== undefined) await prune(away.ledger, away.schema).catch(() => {})
  }
  try {
    await raceAbort(Promise.all([finish(), saveService()]), deadline.signal)
  } catch (error) {
    const message = `How the run ended could not be written to the ledger: ${asRowkeeperError(error).message}`
    context.emit({ type: 'warning', warning: { code: 'ledger.notWritten', message } })
  } finally {
    deadline.release()
  }
}

const KEEP_RUNS_DAYS = 90

async function prune(ledger: Writer, schema: string): Promise<void> {
  for (const statement of pruneRuns(schema, KEEP_RUNS_DAYS))
    await ledger.use((session) => session.change(statement))
}

function endOf(result: ResultDocument) {
  const { runId, status: state, effect, exitCode, counts } = result
  return { runId, state, effect, exitCode, counts: JSON.stringify(counts), result: JSON.stringify(result) }
}
