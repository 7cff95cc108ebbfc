import { describeStatement, type Statement } from '../../src/db/statement.ts'
import { unreachable } from '../../src/lib/errors.ts'
import type { PlanContext } from '../../src/run/context.ts'
import type { Page } from '../../src/run/job.ts'
import { countsInside } from './consume/batch.ts'
import { deleteKeys, deleteRun } from './consume/delete-sql.ts'
import { lockEvents, lockRuns, selectLastKey } from './consume/sql.ts'
import { planOwnTables } from './counters/own-tables.ts'
import { addCounts, addTotals } from './counters/sql.ts'
import { estimateCounting } from './estimate.ts'
import { keyCells } from './events/key.ts'
import { inRuns } from './events/runs.ts'
import { addFolded } from './fold/folded-sql.ts'
import { emptyPlan, type RollupPlan, type Step, type Waiting } from './plan-model.ts'
import { planRecompute } from './recompute/plan-recompute.ts'
import { readTables } from './resolve/tables.ts'
import type { TopEntry } from './result-model.ts'
import { readSegments } from './rotate/read-segments.ts'
import type { PlanScene } from './scene.ts'
import { countEvents, selectEnds, selectTop } from './sql.ts'
import { guarantees, type Strategy } from './strategy/choose.ts'
import { readChoice } from './strategy/topology.ts'
import type { Settings, SourceTable } from './tables.ts'

/** Everything in one page: events come all the time, and a run counts those that are there when it begins. */
export async function planRollup(context: PlanContext, settings: Settings): Promise<Page<RollupPlan>> {
  const tables = await readTables(context, settings)
  const scene: PlanScene = { context, settings, tables }
  const { source } = tables
  const plan = source === undefined ? planWithoutSource(scene) : await planSource(scene, source)
  return { plan, next: undefined }
}

function planWithoutSource({ context, settings, tables }: PlanScene): RollupPlan {
  return {
    ...emptyPlan,
    asOf: context.asOf,
    timeZone: tables.counters.zone,
    notes: [
      `The job has no table of events. Files are counted with: rowkeeper rollup import ${settings.job} FILE`,
    ],
  }
}

async function planSource(scene: PlanScene, source: SourceTable): Promise<RollupPlan> {
  const { context, settings, tables } = scene
  const choice = await readChoice(context, settings, source)
  if ('refused' in choice) throw new TypeError('preflight lets no refused strategy pass')
  const there = await readWaiting(scene, source)
  const steps = await planSteps(scene, source, choice.strategy, there)
  const waiting = waitingFor(steps, there)
  return {
    asOf: context.asOf,
    strategy: choice.strategy,
    why: choice.why,
    guarantee: guarantees[choice.strategy],
    timeZone: tables.counters.zone,
    waiting,
    steps: [...planOwnTables(tables), ...steps],
    estimate: await estimateCounting(scene, waiting.events),
    top: waiting.events === 0 ? [] : await readTop(scene, source),
    notes: [],
    statements: describeStatements(scene, source),
  }
}

async function planSteps(
  scene: PlanScene,
  source: SourceTable,
  strategy: Strategy,
  { events }: Waiting,
): Promise<readonly Step[]> {
  const { context } = scene
  switch (strategy) {
    case 'consume': {
      const [last] = await context.read((session) => session.rows(selectLastKey(source)))
      const consume: readonly Step[] =
        last === undefined ? [] : [{ type: 'consume', upTo: keyCells(source, last), events }]
      return [...(await planSettling(scene)), ...consume]
    }
    case 'rotate':
      return planRotation(scene, events)
    case 'recompute': {
      const step = await planRecompute(scene, source)
      return step === undefined ? [] : [step]
    }
    default:
      return unreachable(strategy)
  }
}

async function planSettling({ context }: PlanScene): Promise<readonly Step[]> {
  const segments = await context.read((session) => readSegments(session, context.control, context.job))
  return segments.length === 0 ? [] : [{ type: 'settleSegments', begun: segments.map(({ table }) => table) }]
}

async function planRotation({ context, settings }: PlanScene, events: number): Promise<readonly Step[]> {
  const segments = await context.read((session) => readSegments(session, context.control, context.job))
  if (events === 0 && segments.length === 0) return []
  const begun = segments.map(({ table }) => table)
  return [{ type: 'rotate', events, begun, hold: settings.options.source?.hold ?? 0 }]
}

/** What is counted anew, and stays, does not wait. */
function waitingFor(steps: readonly Step[], there: Waiting): Waiting {
  const step = steps.find(({ type }) => type === 'recompute')
  return step?.type === 'recompute' ? { ...there, events: step.events, counted: 'estimated' } : there
}

/** Counting a million index entries takes a second or less; beyond it the server's estimate has to do. */
const COUNT_BOUND = 1_000_000

async function readWaiting({ context }: PlanScene, source: SourceTable): Promise<Waiting> {
  return context.read(async (session) => {
    const [counted] = await session.rows(countEvents(source, COUNT_BOUND))
    const [ends] = await session.rows(selectEnds(source))
    const events = Number(counted?.events ?? 0)
    const textOf = (cell: unknown) => (cell === null || cell === undefined ? undefined : String(cell))
    return {
      events: events < COUNT_BOUND ? events : Math.max(events, source.table.estimatedRows),
      counted: events < COUNT_BOUND ? 'exactly' : 'estimated',
      oldest: textOf(ends?.oldest),
      newest: textOf(ends?.newest),
    }
  })
}

const TOP_ROWS = 100_000
const TOP = 10

async function readTop({ context }: PlanScene, source: SourceTable): Promise<readonly TopEntry[]> {
  const rows = await context.read((session) => session.rows(selectTop(source, { rows: TOP_ROWS, top: TOP })))
  return rows.map((row) => ({
    group: source.group.map((_, position) => String(row[`group_${position}`])),
    events: Number(row.events),
  }))
}

/** Of one batch, as a run would send them. */
function describeStatements(scene: PlanScene, source: SourceTable): readonly string[] {
  const { total } = scene.tables
  const noTotals = { object: 0, amounts: (total?.columns ?? []).map(() => 0) }
  return [
    ...(countsInside(source) ? statementsInside(scene, source) : statementsHere(scene, source)),
    ...(total === undefined ? [] : [addTotals(total, [noTotals])]),
  ].map(describeStatement)
}

/** Stands for any key; only the text is shown. */
const anyRun = { first: 0n, last: 1n }

function statementsInside({ tables, settings }: PlanScene, source: SourceTable): readonly Statement[] {
  const [{ name } = { name: '' }] = source.key
  const walk = { behind: undefined, upTo: [0n], rows: settings.options.batch.rows }
  const stretch = { table: source.table.name, where: inRuns(name, [anyRun]) }
  return [
    lockRuns(source, name, walk),
    addFolded(source, tables.counters, { stretch, shifts: [] }),
    deleteRun(source, name, anyRun),
  ]
}

function statementsHere(
  { context, tables: { counters }, settings }: PlanScene,
  source: SourceTable,
): readonly Statement[] {
  const anyKey = source.key.map(() => 0n)
  const columns = counters.measures.map(({ name }) => name)
  const nothing = [{ key: [], amounts: columns.map(() => 0) }]
  return [
    lockEvents(source, { behind: undefined, upTo: anyKey, rows: settings.options.batch.rows }),
    addCounts(counters, columns, nothing, context.server.family),
    deleteKeys(source, [anyKey]),
  ]
}
