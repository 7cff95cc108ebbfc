import type { Writer } from '../db/database.ts'
import { WriteGrant } from '../db/grant.ts'
import type { Remote } from '../http/remote.ts'
import { createDeadline, raceAbort } from '../lib/abort.ts'
import { asRowkeeperError } from '../lib/errors.ts'
import type { ExecuteContext } from './context.ts'
import { requireControl } from './control.ts'
import { startHeartbeat } from './heartbeat.ts'
import type { Checkpoint } from './job.ts'
import type { Launch } from './launch.ts'
import { takeLease } from './lease.ts'
import { createTransact } from './ledger.ts'
import type { Opened } from './open.ts'
import type { Releases } from './releases.ts'
import type { Counts, ResultDocument } from './result.ts'
import {
  deleteLease,
  finishRun,
  insertRun,
  type LeaseRow,
  pruneRuns,
  saveBreaker,
  saveCheckpoint,
  selectCheckpoint,
} from './sql.ts'

/** The writing half of a run: it exists only under a lease, a ledger row and a heartbeat. */
export interface Work {
  readonly context: ExecuteContext
  readCheckpoint(): Promise<Checkpoint | undefined>
  /** After a page: where to go on, and what the service taught us. */
  saveProgress(next: Checkpoint | undefined): Promise<void>
  /** Writes down how the run ended. The lease is given back with the other releases. */
  finish(result: ResultDocument): Promise<void>
}

export interface WorkOptions {
  readonly verb: string
  readonly lease: string
  readonly counts: () => Counts
}

const KEEP_RUNS_DAYS = 90

export async function openWork(
  launch: Launch,
  opened: Opened,
  options: WorkOptions,
  releases: Releases,
): Promise<Work> {
  const { context, database, remote } = opened
  const { surroundings } = launch
  requireControl(context)
  // The one place that makes the right to write: after preflight, for this run only.
  const grant = WriteGrant.mint(`run ${context.runId}`)
  const ledger = await database.openWriter(grant, 'ledger')
  releases.add(ledger.close)
  const lease: LeaseRow = {
    name: options.lease,
    runId: context.runId,
    token: surroundings.random.token(),
    holder: surroundings.host.holder,
  }
  // Before the lease is taken: whatever fails from here on, a process that lives on must not keep it.
  releases.add(() =>
    ledger.use((session) => session.change(deleteLease(context.control.schema, lease))).then(() => {}),
  )
  await beginUnderLease(launch, opened, ledger, { lease, verb: options.verb })
  const heartbeat = startHeartbeat({
    ledger,
    schema: context.control.schema,
    lease,
    clock: surroundings.clock,
    control: surroundings.control,
    counts: options.counts,
  })
  releases.add(heartbeat.stop)
  const writer = await database.openWriter(grant, 'work')
  releases.add(writer.close)
  const executeContext: ExecuteContext = {
    ...context,
    transact: createTransact({
      schema: context.control.schema,
      runId: context.runId,
      lease,
      work: writer,
      ledger,
      clock: surroundings.clock,
      random: surroundings.random,
      kill: surroundings.control.kill,
      reach: surroundings.reach,
    }),
    define: () => Promise.reject(new TypeError('definitions are not run yet')),
    destination: undefined,
    writer: remote?.openWriter(grant),
    files: surroundings.files,
    reach: surroundings.reach,
  }
  return createWork(launch, executeContext, ledger, remote)
}

async function beginUnderLease(
  { entry, surroundings }: Launch,
  { context }: Opened,
  ledger: Writer,
  { lease, verb }: { lease: LeaseRow; verb: string },
): Promise<void> {
  const { schema } = context.control
  const { takenOverFrom } = await takeLease(ledger, schema, lease, surroundings.host)
  const { job, runId } = context
  const { name, holder } = lease
  await ledger.use((session) =>
    session.change(insertRun(schema, { runId, job, kind: entry.kind, verb, lease: name, holder })),
  )
  context.emit({
    type: 'leaseTaken',
    lease: name,
    ...(takenOverFrom === undefined ? {} : { takenOverFrom }),
  })
  await surroundings.reach('run.lease-taken')
}

function createWork(
  launch: Launch,
  context: ExecuteContext,
  ledger: Writer,
  remote: Remote | undefined,
): Work {
  const { schema } = context.control
  const service = launch.entry.service
  const saveService = async () => {
    if (remote === undefined || service === undefined) return
    await ledger.use((session) => session.change(saveBreaker(schema, service, JSON.stringify(remote.save()))))
  }
  return {
    context,
    async readCheckpoint() {
      const [row] = await ledger.use((session) =>
        session.rows(selectCheckpoint(schema, context.job, context.runId)),
      )
      return row === undefined || row.checkpoint === null ? undefined : String(row.checkpoint)
    },
    async saveProgress(next) {
      await ledger.use((session) => session.change(saveCheckpoint(schema, context.runId, next ?? null)))
      await saveService()
    },
    finish: (result) => writeDown(context, ledger, result, saveService),
  }
}

/** A server that hangs may not keep the process: what could not be written down shows as lost when the lease runs out. */
const FINISH_LIMIT_MS = 10_000
const FINISH_LIMIT_KILLED_MS = 800

async function writeDown(
  context: ExecuteContext,
  ledger: Writer,
  result: ResultDocument,
  saveService: () => Promise<void>,
): Promise<void> {
  await context.reach('run.before-finish')
  const limit = context.kill.aborted ? FINISH_LIMIT_KILLED_MS : FINISH_LIMIT_MS
  const deadline = createDeadline(context.clock, limit, () => new Error('the server did not answer in time'))
  const writing = ledger.use(async (session) => {
    await session.change(finishRun(context.control.schema, endOf(result)))
    for (const prune of pruneRuns(context.control.schema, KEEP_RUNS_DAYS)) await session.change(prune)
  })
  try {
    await raceAbort(Promise.all([writing, saveService()]), deadline.signal)
  } catch (error) {
    const message = `How the run ended could not be written to the ledger: ${asRowkeeperError(error).message}`
    context.emit({ type: 'warning', warning: { code: 'ledger.notWritten', message } })
  } finally {
    deadline.release()
  }
}

function endOf(result: ResultDocument) {
  const { runId, status: state, effect, exitCode, counts } = result
  return { runId, state, effect, exitCode, counts: JSON.stringify(counts), result: JSON.stringify(result) }
}
