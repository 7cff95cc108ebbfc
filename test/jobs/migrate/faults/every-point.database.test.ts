import { describe, expect } from 'vitest'
import { migratePoints } from '../../../../jobs/migrate/points.ts'
import { never } from '../../../../src/lib/abort.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import { type Random, seededRandom, systemRandom } from '../../../../src/lib/random.ts'
import {
  type Breakable,
  breakRun,
  type Fault,
  type FaultCase,
  faults,
  type Reach,
} from '../../../support/break-run.ts'
import type { ConfiguredJob } from '../../../support/configured-job.ts'
import { cutConnections } from '../../../support/cut-connections.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { jobName, test } from '../../../support/migrate-job.ts'
import { makeItems } from '../items.ts'
import { findLost } from '../live/rows.ts'
import { startWriters, type Writers } from '../live/writers.ts'

// The seed stands in the name of the suite; with ROWKEEPER_FAULTS_SEED the same cases come again.
const seed = Number(process.env.ROWKEEPER_FAULTS_SEED ?? Math.floor(systemRandom.fraction() * 1e6))
const isAll = process.env.ROWKEEPER_FAULTS === 'all'

const ROWS = 3000
const settings = { job: { chunk: { rows: 300 } } }

/** When a row of the copy is damaged; and of another command. */
const rare: readonly string[] = ['migrate.differences-noted', 'migrate.way-back-removed']
const [begun = '', made = '', triggers = '', ...later] = migratePoints.filter(
  (point) => !rare.includes(point),
)
/** In the order in which one migration comes by them, with those of the run itself. */
const points = [
  ...['ddl.recorded', 'ddl.done', 'ledger.before-commit'],
  ...[begun, made, triggers, 'ledger.after-commit', ...later],
]

/** One migration, broken at every point in turn: each run goes on where the one before died. */
function chain(choose: (point: string) => Fault): readonly FaultCase[] {
  return points.map((point): FaultCase => ({ point, fault: choose(point), at: 1 }))
}

function listChains({ fraction }: Random): ReadonlyMap<string, readonly FaultCase[]> {
  const mixed = chain(() => faults[Math.floor(fraction() * faults.length)] ?? 'throw')
  const each = faults.map((fault) => [`${fault} at every point`, chain(() => fault)] as const)
  const [kill = each[0]] = each.filter(([name]) => name.startsWith('kill'))
  return new Map([...(isAll ? each : kill === undefined ? [] : [kill]), ['a mix of faults', mixed]])
}

/** MySQL needs no second session for the swap. */
const ofMariadb: readonly string[] = ['migrate.sentry-made', 'migrate.rename-waits', 'migrate.sentry-dropped']

async function listReachable(database: TestDatabase): Promise<readonly string[]> {
  const [row] = await database.query('SELECT VERSION() AS version')
  const isMariadb = String(row?.version).toLowerCase().includes('mariadb')
  return isMariadb ? points : points.filter((point) => !ofMariadb.includes(point))
}

function breakable(database: TestDatabase, job: ConfiguredJob, writers: Writers): Breakable {
  return {
    start: (how) => job.startBinary(['run', jobName], how),
    run: (how) => job.run(how),
    cut: () => cutConnections(database, { spared: writers.connections }),
  }
}

describe(`a migration under faults (seed ${seed})`, () => {
  for (const [name, cases] of listChains(seededRandom(seed))) {
    test(`${name}, beside writers: no write is lost`, async ({ database, openMigrate }) => {
      await makeItems(database, ROWS)
      const job = await openMigrate(settings)
      const writers = await startWriters(database, seed, ROWS)
      try {
        const reachable = await listReachable(database)
        // A run whose sessions were cut may mend that by itself and come to its end: then nothing is left to be broken.
        let reach: Reach = 'must'
        for (const broken of cases.filter(({ point }) => reachable.includes(point))) {
          await breakRun(breakable(database, job, writers), broken, reach)
          if (broken.fault === 'cut') reach = 'may'
        }
      } finally {
        await writers.stop()
      }
      const { result } = await job.run()
      expect(result.error).toBeUndefined()
      const written = await writers.stop()
      expect(written.errors).toEqual([])
      expect(await findLost(database, written)).toEqual([])
      const [column] = await database.query("SHOW COLUMNS FROM items LIKE 'note'")
      expect(column?.Field).toBe('note')
    }, 180_000)
  }

  test('without a fault every point is reached', async ({ database, openMigrate }) => {
    await makeItems(database, ROWS)
    const job = await openMigrate(settings)
    const writers = await startWriters(database, seed, ROWS)
    const reached = new Set<string>()
    try {
      await job.run({ reach: async (point) => void reached.add(point) })
      await systemClock.sleep(100, never)
    } finally {
      await writers.stop()
    }
    expect((await listReachable(database)).filter((point) => !reached.has(point))).toEqual([])
  }, 60_000)
})
