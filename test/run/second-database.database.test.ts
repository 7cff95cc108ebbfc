import { describe, expect } from 'vitest'
import { controlMigrations } from '../../migrations/index.ts'
import { sql, statement, tableId } from '../../src/db/statement.ts'
import type { RunEvent, Warning } from '../../src/run/events.ts'
import { executeRun, planRun } from '../../src/run/runner.ts'
import { listRuns, pruneRuns } from '../../src/run/runs.ts'
import { uninstallState } from '../../src/run/state.ts'
import { executeVerb } from '../../src/run/verb-run.ts'
import { surroundings } from './surroundings.ts'
import { type Does, type TwoDatabases, test } from './two-databases.ts'

const run = (two: TwoDatabases, does: Does, around = {}) =>
  executeRun(two.launch(does, around), { from: 'start', takeRows: async () => {} })

async function leases({ home, cold }: TwoDatabases) {
  return home.query(
    `SELECT name, token, connections FROM rowkeeper_lease UNION ALL SELECT name, token, connections FROM ${cold}.rowkeeper_lease`,
  )
}

describe('a job with a second database', () => {
  test('writes to both under a lease on each, with one token', async ({ two }) => {
    const { home, cold } = two
    await two.install('shop', 'cold')
    const numbers = { schema: cold, table: 'numbers' }
    const held: Awaited<ReturnType<typeof leases>>[] = []
    const { result } = await run(two, {
      async execute({ transact, destination }) {
        await destination?.define('make', async (session) => {
          held.push(await leases(two))
          await session.change(statement('test.create', sql`CREATE TABLE ${tableId(numbers)} (n INT)`))
        })
        await destination?.transact('there', (transaction) =>
          transaction.change(statement('test.insert', sql`INSERT INTO ${tableId(numbers)} VALUES (1)`)),
        )
        await transact('here', async () => {})
      },
    })
    expect(result).toMatchObject({ status: 'succeeded', exitCode: 0 })
    expect(held[0]).toMatchObject([
      { name: `${home.name}.numbers`, connections: null },
      { name: `${cold}.numbers`, connections: expect.stringMatching(/^\["\d+"\]$/) },
    ])
    expect(new Set(held[0]?.map(({ token }) => token)).size).toBe(1)
    expect(await leases(two)).toEqual([])
    expect(await home.query(`SELECT n FROM ${cold}.numbers`)).toEqual([{ n: 1 }])
    const label = 'SELECT seq, label FROM'
    expect(await home.query(`${label} ${cold}.rowkeeper_batch`)).toEqual([{ seq: 1, label: 'there' }])
    expect(await home.query(`${label} rowkeeper_batch`)).toEqual([{ seq: 2, label: 'here' }])
  })

  test('is written down in its own database only, and its marker rows elsewhere are pruned by age', async ({
    two,
  }) => {
    const { home, cold, config } = two
    await two.install('shop', 'cold')
    await home.query(
      `INSERT INTO ${cold}.rowkeeper_batch VALUES ('01960000-0000-7000-8000-000000000001', 1, 'long ago', NOW())`,
    )
    const { result } = await run(two, {
      execute: async ({ destination }) => destination?.transact('there', async () => {}),
    })
    const databases = Object.entries(config.databases).map(([name, entry]) => ({ name, config: entry }))
    const { runs } = (await listRuns({ databases, surroundings: surroundings(), limit: 5 })).result
    expect(runs).toMatchObject([{ runId: result.runId, database: 'shop', state: 'succeeded' }])
    await pruneRuns({ databases, surroundings: surroundings(), olderThanDays: 1 })
    expect(await home.query(`SELECT label FROM ${cold}.rowkeeper_batch`)).toEqual([{ label: 'there' }])
  })

  test('its verbs that write have both too', async ({ two }) => {
    await two.install('shop', 'cold')
    const launch = two.launch({
      async execute({ destination }) {
        expect(await leases(two)).toHaveLength(2)
        await destination?.transact('there', async () => {})
      },
    })
    const name = { group: 'copy', verb: 'again' }
    const { result } = await executeVerb(launch, name, { arguments: {}, options: {}, actor: 'ops@desk' })
    expect(result).toMatchObject({ status: 'succeeded', verb: 'copy again' })
  })

  test('reads there in a plan, and says where control tables are missing', async ({ two }) => {
    await two.install('shop')
    const seen: unknown[] = []
    const planned = await planRun(
      two.launch({
        async plan({ destination }) {
          const rows = await destination?.read((session) =>
            session.rows(statement('test.where', sql`SELECT DATABASE() AS name`)),
          )
          seen.push(rows?.[0]?.name, destination?.control.isInstalled, destination?.server.family)
        },
      }),
    )
    expect(planned.result.exitCode).toBe(0)
    expect(seen).toEqual([two.cold, false, expect.stringMatching(/^m/)])
    expect((await run(two, {})).result).toMatchObject({
      exitCode: 4,
      error: {
        code: 'state.missing',
        message: `rowkeeper's own tables are not in the schema ${two.cold}.`,
        hint: 'Make them once with: rowkeeper state install --database cold',
      },
    })
  })

  test('warns in a plan, and refuses to run, where they are of an older version', async ({ two }) => {
    await two.install('shop', 'cold')
    await two.home.query(`DROP TABLE ${two.cold}.rowkeeper_month`)
    const warnings: Warning[] = []
    const emit = (event: RunEvent) => {
      if (event.type === 'warning') warnings.push(event.warning)
    }
    expect((await planRun(two.launch({}, { emit }))).result.exitCode).toBe(0)
    expect(warnings).toMatchObject([
      { code: 'state.outdated', message: expect.stringContaining('state install --database cold') },
    ])
    expect((await run(two, {})).result).toMatchObject({ exitCode: 4, error: { code: 'state.outdated' } })
  })

  test('is refused while somebody else works on the second table, and leaves nothing behind', async ({
    two,
  }) => {
    const { home, cold } = two
    await two.install('shop', 'cold')
    await home.query(
      `INSERT INTO ${cold}.rowkeeper_lease VALUES ('${cold}.numbers', 'run-1', 't', 'ops@beta:2', UTC_TIMESTAMP() + INTERVAL 60 SECOND, NULL)`,
    )
    expect((await run(two, {})).result).toMatchObject({
      exitCode: 75,
      error: { code: 'lease.held', message: `${cold}.numbers is being worked on by ops@beta:2 (run run-1).` },
    })
    expect(await leases(two)).toHaveLength(1)
    expect(await home.query('SELECT * FROM rowkeeper_run')).toEqual([])
  })

  test('keeps the tables of the second database from being uninstalled', async ({ two }) => {
    await two.install('shop', 'cold')
    const databaseConfig = two.config.databases.cold
    if (databaseConfig === undefined) throw new Error('cold is not there')
    const options = {
      database: { name: 'cold', config: databaseConfig },
      surroundings: surroundings(),
      migrations: controlMigrations,
      confirm: two.cold,
    }
    await run(two, {
      execute: async ({ runId }) => {
        await expect(uninstallState(options)).rejects.toMatchObject({
          code: 'state.inUse',
          hint: `rowkeeper runs stop ${runId}`,
        })
      },
    })
    expect((await uninstallState(options)).result.status).toBe('missing')
  })

  test('ends when it lost the second lease, before it changes anything there', async ({ two }) => {
    await two.install('shop', 'cold')
    const { result } = await run(two, {
      async execute({ destination }) {
        await two.home.query(`UPDATE ${two.cold}.rowkeeper_lease SET token = 'another'`)
        await destination?.transact('there', async () => {})
      },
    })
    expect(result).toMatchObject({ exitCode: 75, error: { code: 'run.leaseLost' } })
    expect(await two.home.query(`SELECT * FROM ${two.cold}.rowkeeper_batch`)).toEqual([])
  })
})

describe('a run', () => {
  test('that fails right after it took its lease shows as failed', async ({ two }) => {
    await two.install('shop', 'cold')
    const reach = async (point: string) => {
      if (point === 'run.lease-taken') throw new Error('out of memory')
    }
    await run(two, {}, { reach })
    expect(await two.home.query('SELECT state, exit_code FROM rowkeeper_run')).toEqual([
      { state: 'failed', exit_code: 70 },
    ])
  })

  test('reads from the replica when there is one', async ({ two }) => {
    const seen: unknown[] = []
    const launch = two.launch({
      async plan({ readReplica }) {
        const [row] =
          (await readReplica?.((session) =>
            session.rows(statement('test.where', sql`SELECT DATABASE() AS name`)),
          )) ?? []
        seen.push(row?.name)
      },
    })
    expect((await planRun(launch)).result.exitCode).toBe(0)
    expect(seen).toEqual([two.cold])
  })
})
