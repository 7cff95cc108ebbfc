import type { TableDefinition } from '../../src/db/catalog.ts'
import { readSpace } from '../../src/db/space.ts'
import type { RowkeeperError } from '../../src/lib/errors.ts'
import type { ExecuteContext } from '../../src/run/context.ts'
import { type Change, requireChange } from './definition/change.ts'
import type { Forecast } from './estimate/forecast.ts'
import { measureCopy } from './estimate/measure.ts'
import { forecastTypical } from './estimate/typical.ts'
import { chooseRung, type Rung } from './ladder/choose.ts'
import { artefactsOf } from './names.ts'
import { refused, requireTable } from './open-scene.ts'
import { planRoute } from './route.ts'
import { type Blueprint, drawBlueprint } from './shadow/blueprint.ts'
import { readWanted, type Wanted } from './shadow/scratch.ts'
import type { MigrationDefinition } from './state/model.ts'
import { changeOf, type Route, type Settings, targetTable } from './tables.ts'

/** What the server says of the change, asked with an empty table that is gone by now. */
export interface Inquiry {
  readonly change: Change
  readonly source: TableDefinition
  readonly wanted: Wanted
  readonly rung: Rung
}

/** @throws RowkeeperError `migrate.notUnderstood`, `migrate.refused` */
export async function inquire(context: ExecuteContext, settings: Settings): Promise<Inquiry> {
  const change = requireChange(settings)
  const source = await requireTable(context, targetTable(settings))
  const wanted = await readWanted(context, source.name, change)
  const rung = chooseRung(settings.options.strategy, context.server, { change, source, wanted })
  if (rung === undefined) throw notThatWay(source, settings.options.strategy, wanted)
  return { change, source, wanted, rung }
}

export function notThatWay(
  { name: { schema, table } }: TableDefinition,
  strategy: string,
  { instantRefusal = 'It changes more than the catalogue.' }: Wanted,
): RowkeeperError {
  return refused(
    `The server cannot do this to ${schema}.${table} by ${strategy.toUpperCase()}. ${instantRefusal}`,
    'Leave strategy out of the configuration, then look with: rowkeeper plan',
  )
}

/** From where the rows would go to where. Throws `migrate.refused` when there is no way. */
export function findRoute(settings: Settings, { source, wanted }: Inquiry): Route {
  const planned = planRoute(source, wanted.target, wanted.renames, artefactsOf(source.name))
  if ('problem' in planned) throw refused(planned.problem.evidence, planned.problem.fix)
  refuseOtherZone(planned.route, settings)
  return planned.route
}

/** How the table would be copied, and how long that takes. */
export async function defineCopy(
  context: ExecuteContext,
  settings: Settings,
  { source, wanted }: Inquiry,
  route: Route,
): Promise<MigrationDefinition> {
  const { target, renames, constraints } = wanted
  const blueprint = drawBlueprint(wanted, route.key.targetIndex)
  return {
    ...{ renames, target, constraints, blueprint, way: 'there' },
    change: changeOf(settings),
    sourceHash: source.hash,
    forecast: await forecast(context, settings, route, blueprint),
  }
}

const zoned = ['timestamp']
const unzoned = ['datetime', 'date', 'time']

/** The server would take the texts for times in UTC, and move every one of them by the zone's offset. */
function refuseOtherZone({ pairs }: Route, { database, job }: Settings): void {
  const { dateTimeZone } = database
  const names = pairs
    .filter(({ source, target }) => crossesZones(source.dataType, target.dataType))
    .map(({ target }) => target.name)
  if (names.length === 0 || isUtc(dateTimeZone)) return
  throw refused(
    `${names.join(', ')} would change between DATETIME and TIMESTAMP, and the application writes DATETIME by the clock of ${dateTimeZone}: every time would be moved by its offset.`,
    `Add a new column, fill it with the right times, and drop the old one. If the times are in UTC, correct dateTimeZone, then run: rowkeeper migrate plan ${job}`,
  )
}

function crossesZones(from: string, to: string): boolean {
  return (zoned.includes(from) && unzoned.includes(to)) || (unzoned.includes(from) && zoned.includes(to))
}

function isUtc(zone: string): boolean {
  return ['UTC', 'Etc/UTC', '+00:00'].includes(zone)
}

/** Below it a measurement would take as long as the work. */
const FEW_ROWS = 50_000

async function forecast(
  context: ExecuteContext,
  settings: Settings,
  route: Route,
  blueprint: Blueprint,
): Promise<Forecast> {
  const space = await context.read((session) => readSpace(session, route.source.name))
  if (space.estimatedRows >= FEW_ROWS) return measureCopy({ context, settings, route, blueprint })
  const { binaryLog } = context.server
  return forecastTypical({ ...space, binaryLog, indexes: blueprint.indexClauses.length })
}
