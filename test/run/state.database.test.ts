import { describe, expect, vi } from 'vitest'
import { controlMigrations } from '../../migrations/index.ts'
import { listRuns } from '../../src/run/runs.ts'
import { installState, stateStatus, uninstallState } from '../../src/run/state.ts'
import { test } from '../support/database.ts'
import { surroundings, testDatabase } from './surroundings.ts'

const stateOptions = (url: string, more: { controlSchema?: string } = {}) => ({
  database: testDatabase(url, more),
  surroundings: surroundings(),
  migrations: controlMigrations,
})

const all = controlMigrations.map(({ name }) => name)

describe('state', () => {
  test('installs, can be repeated, and uninstalls without leaving anything', async ({ database }) => {
    const options = stateOptions(database.url)
    expect((await stateStatus(options)).result).toMatchObject({ status: 'missing', applied: [] })
    const installed = await installState(options)
    expect(installed.result).toMatchObject({
      database: 'shop',
      schema: database.name,
      status: 'installed',
      applied: all,
      pending: [],
      changed: all,
    })
    expect((await installState(options)).result.changed).toEqual([])
    const removed = await uninstallState({ ...options, confirm: database.name })
    expect(removed.result).toMatchObject({ status: 'missing', changed: all.toReversed() })
    expect(await database.query('SHOW TABLES')).toEqual([])
  })

  test('drops nothing without the name of the schema, and says what would be lost', async ({ database }) => {
    const options = stateOptions(database.url)
    await installState(options)
    await database.query(
      "INSERT INTO rowkeeper_breaker VALUES ('pay', '{}', NOW()); INSERT INTO rowkeeper_item (job, key_hash, item_key, reference, state, local_class, facts, ladder_step, observations, absences, unreadable, failures, observed_at) VALUES ('payments', 'h', '1', 'r', 'review', 'paid', '', 0, 0, 0, 0, 0, NOW())",
    )
    for (const confirm of [undefined, 'another']) {
      await expect(uninstallState({ ...options, confirm })).rejects.toMatchObject({
        code: 'state.notConfirmed',
        exitCode: 4,
        message: expect.stringContaining('1 in rowkeeper_item'),
        hint: `rowkeeper state uninstall --confirm ${database.name}`,
      })
    }
    expect((await stateStatus(options)).result.status).toBe('installed')
  })

  test('is not uninstalled under a run at work', async ({ database }) => {
    const options = stateOptions(database.url)
    await installState(options)
    await database.query(`
      INSERT INTO rowkeeper_run (run_id, job, kind, verb, state, lease, holder, started_at, heartbeat_at)
        VALUES ('r1', 'payments', 'reconcile', 'run', 'running', 'shop.payments', 'me', UTC_TIMESTAMP(), UTC_TIMESTAMP());
      INSERT INTO rowkeeper_lease VALUES ('shop.payments', 'r1', 't', 'me', UTC_TIMESTAMP() + INTERVAL 60 SECOND, NULL)`)
    const confirm = database.name
    await expect(uninstallState({ ...options, confirm })).rejects.toMatchObject({
      code: 'state.inUse',
      exitCode: 75,
      hint: 'rowkeeper runs stop r1',
    })
    await database.query('UPDATE rowkeeper_lease SET expires_at = UTC_TIMESTAMP() - INTERVAL 1 SECOND')
    expect((await uninstallState({ ...options, confirm })).result.status).toBe('missing')
  })

  test('completes an installation that was killed midway, and takes one back', async ({ database }) => {
    const options = stateOptions(database.url)
    await installState(options)
    await database.query('DROP TABLE rowkeeper_fix; DELETE FROM rowkeeper_migration')
    expect((await stateStatus(options)).result).toMatchObject({
      status: 'incomplete',
      missingTables: ['rowkeeper_fix'],
    })
    expect((await installState(options)).result.status).toBe('installed')
    await database.query('DROP TABLE rowkeeper_fix; DELETE FROM rowkeeper_migration')
    await uninstallState({ ...options, confirm: database.name })
    expect(await database.query('SHOW TABLES')).toEqual([])
  })

  test('of an older version is brought up to date, and keeps what it knew', async ({ database }) => {
    const options = stateOptions(database.url)
    await installState(options)
    await database.query(`INSERT INTO rowkeeper_breaker VALUES ('pay', '{}', NOW());
      DROP TABLE rowkeeper_month, rowkeeper_journal; DELETE FROM rowkeeper_migration WHERE name > '002'`)
    const newer = controlMigrations.slice(1).map(({ name }) => name)
    const before = await stateStatus(options)
    expect(before.result).toMatchObject({ status: 'outdated', pending: newer })
    expect(before.report.sections).toContainEqual(
      expect.objectContaining({ lines: ['Bring them up to date with: rowkeeper state install'] }),
    )
    await expect(listRuns({ ...options, databases: [options.database], limit: 1 })).rejects.toMatchObject({
      code: 'state.outdated',
      exitCode: 4,
      message: expect.stringContaining('rowkeeper_month and rowkeeper_journal are missing'),
      hint: 'Bring them up to date with: rowkeeper state install',
    })
    expect((await installState(options)).result).toMatchObject({
      status: 'installed',
      changed: newer,
    })
    expect(await database.query('SELECT service FROM rowkeeper_breaker')).toEqual([{ service: 'pay' }])
  })

  test('goes on where the newest migration was killed', async ({ database }) => {
    const options = stateOptions(database.url)
    await installState(options)
    await database.query(
      "DROP TABLE rowkeeper_journal; DELETE FROM rowkeeper_migration WHERE name = '002-archive-tables'",
    )
    expect((await stateStatus(options)).result.status).toBe('outdated')
    await expect(uninstallState({ ...options, confirm: undefined })).rejects.toMatchObject({
      message: expect.stringContaining('0 in rowkeeper_month'),
    })
    expect((await installState(options)).result.status).toBe('installed')
  })

  test('says so when somebody removed a table', async ({ database }) => {
    const options = stateOptions(database.url)
    await installState(options)
    await database.query('DROP TABLE rowkeeper_fix')
    await expect(installState(options)).rejects.toMatchObject({
      code: 'state.damaged',
      message: expect.stringContaining('rowkeeper_fix'),
    })
  })

  test('does not touch the tables of a newer version', async ({ database }) => {
    const options = stateOptions(database.url)
    await installState(options)
    await database.query("INSERT INTO rowkeeper_migration (name, batch) VALUES ('999-later', 2)")
    expect((await stateStatus(options)).result.status).toBe('newer')
    await expect(installState(options)).rejects.toMatchObject({ code: 'state.newer', exitCode: 4 })
    await expect(uninstallState({ ...options, confirm: database.name })).rejects.toMatchObject({
      code: 'state.newer',
    })
  })

  test('names the lock that a killed installation left, and prints nothing by itself', async ({
    database,
  }) => {
    const options = stateOptions(database.url)
    await installState(options)
    await database.query(
      'DELETE FROM rowkeeper_migration; UPDATE rowkeeper_migration_lock SET is_locked = 1; DROP TABLE rowkeeper_fix',
    )
    const print = vi.spyOn(console, 'log')
    await expect(installState(options)).rejects.toMatchObject({
      code: 'state.locked',
      exitCode: 75,
      hint: expect.stringContaining('SET is_locked = 0'),
    })
    expect(print).not.toHaveBeenCalled()
  })

  test('can live in a schema of its own, which must be there', async ({ database }) => {
    const controlSchema = `${database.name}_control`
    const options = stateOptions(database.url, { controlSchema })
    await expect(installState(options)).rejects.toMatchObject({
      code: 'state.noSchema',
      hint: expect.stringContaining(`CREATE DATABASE \`${controlSchema}\``),
    })
    await database.query(`CREATE DATABASE ${controlSchema}`)
    try {
      expect((await installState(options)).result).toMatchObject({
        schema: controlSchema,
        status: 'installed',
      })
      expect(await database.query('SHOW TABLES')).toEqual([])
    } finally {
      await database.query(`DROP DATABASE ${controlSchema}`)
    }
  })
})
