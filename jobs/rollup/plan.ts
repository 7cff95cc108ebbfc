import { describeStatement } from '../../src/db/statement.ts'
import type { PlanContext } from '../../src/run/context.ts'
import type { Page } from '../../src/run/job.ts'
import { deleteKeys } from './consume/delete-sql.ts'
import { lockEvents, selectLastKey } from './consume/sql.ts'
import { planOwnTables } from './counters/own-tables.ts'
import { addCounts, addTotals } from './counters/sql.ts'
import { estimateCounting } from './estimate.ts'
import { keyCells } from './events/key.ts'
import { emptyPlan, type RollupPlan, type Step, type Waiting } from './plan-model.ts'
import type { TopEntry } from './result-model.ts'
import type { PlanScene } from './scene.ts'
import { countEvents, selectEnds, selectTop } from './sql.ts'
import { guarantees, type Strategy } from './strategy/choose.ts'
import { readChoice } from './strategy/topology.ts'
import { readTables, type Settings, type SourceTable } from './tables.ts'

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
  const waiting = await readWaiting(scene, source)
  const steps = await planSteps(scene, source, choice.strategy, waiting)
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
  { context }: PlanScene,
  source: SourceTable,
  strategy: Strategy,
  { events }: Waiting,
): Promise<readonly Step[]> {
  switch (strategy) {
    case 'consume': {
      const [last] = await context.read((session) => session.rows(selectLastKey(source)))
      return last === undefined ? [] : [{ type: 'consume', upTo: keyCells(source, last), events }]
    }
    case 'rotate':
    case 'recompute':
      throw new TypeError('not yet')
  }
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

function describeStatements(
  { context, tables, settings }: PlanScene,
  source: SourceTable,
): readonly string[] {
  const { counters, total } = tables
  const nothing = source.key.map(() => 0n)
  const columns = counters.measures.map(({ name }) => name)
  const walk = { behind: undefined, upTo: nothing, rows: settings.options.batch.rows }
  return [
    lockEvents(source, walk),
    addCounts(counters, columns, [{ key: [], amounts: columns.map(() => 0) }], context.server.family),
    ...(total === undefined ? [] : [addTotals(total, [{ object: 0, amounts: total.columns.map(() => 0) }])]),
    deleteKeys(source, [nothing]),
  ].map(describeStatement)
}
