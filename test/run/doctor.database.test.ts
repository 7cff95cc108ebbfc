import { describe, expect } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { describeFindings, diagnose, exitCodeOf } from '../../src/run/doctor.ts'
import type { Finding } from '../../src/run/events.ts'
import { controlTableNames } from '../../src/run/sql.ts'
import { test } from '../support/database.ts'
import { testServer } from '../support/test-server.ts'
import { configureShop, payments, prepareShop, startPay } from './shop.ts'

function severities(findings: readonly Finding[]): Record<string, string> {
  return Object.fromEntries(findings.map(({ id, severity }) => [id, severity]))
}

describe('diagnose', () => {
  test('finds all in order, and says what it saw', async ({ database }) => {
    await prepareShop(database)
    const service = await startPay()
    const findings = await diagnose(configureShop({ url: database.url, baseUrl: service.baseUrl }))
    await service.stop()
    expect(severities(findings)).toEqual({
      'database.server': 'ok',
      'database.readOnly': 'ok',
      'database.sqlMode': 'ok',
      'database.clock': 'ok',
      'control.tables': 'ok',
      'control.privileges': 'ok',
      'service.reachable': 'ok',
      'job.checks': 'ok',
      'job.schedule': 'ok',
    })
    expect(findings[0]?.evidence).toContain(testServer().version)
    expect(exitCodeOf(findings)).toBe(0)
    expect(describeFindings(findings).headline).toBe('All is well.')
    expect(JSON.stringify(findings)).not.toMatch(/secret-token|root:/)
  })

  test('names what is missing with the command that mends it, and goes on', async ({ database }) => {
    await database.query(payments)
    const findings = await diagnose(configureShop({ url: database.url, baseUrl: 'http://127.0.0.1:9' }))
    expect(findings).toContainEqual(
      expect.objectContaining({ id: 'control.tables', severity: 'error', fix: 'rowkeeper state install' }),
    )
    expect(severities(findings)).toMatchObject({ 'service.unreachable': 'error', 'job.checks': 'ok' })
    expect(exitCodeOf(findings)).toBe(4)
    expect(describeFindings(findings).sections[0]).toMatchObject({
      title: 'ERROR control.tables',
      lines: [expect.stringContaining('not installed'), 'Fix: rowkeeper state install'],
    })
  })

  test('reports a database that does not answer once, and leaves its jobs out', async ({ database: _ }) => {
    const service = await startPay()
    const url = 'mysql://app:hidden@127.0.0.1:9/shop'
    const findings = await diagnose(configureShop({ url, baseUrl: service.baseUrl }))
    await service.stop()
    expect(severities(findings)).toEqual({ 'database.notSent': 'error', 'service.reachable': 'ok' })
    expect(JSON.stringify(findings)).not.toContain('hidden')
  })

  test('tells refused credentials from an unreachable service', async ({ database }) => {
    await prepareShop(database)
    const service = await startPay('another')
    const findings = await diagnose(configureShop({ url: database.url, baseUrl: service.baseUrl }))
    await service.stop()
    expect(findings).toContainEqual(
      expect.objectContaining({
        id: 'service.credentials',
        severity: 'warning',
        evidence: expect.stringContaining('answers 403'),
      }),
    )
    expect(exitCodeOf(findings)).toBe(0)
  })

  test('asks the server for every right the job needs, without writing', async ({ database }) => {
    await prepareShop(database)
    const service = await startPay()
    const account = "'rk_doctor'@'127.0.0.1'"
    await database.query(`CREATE USER ${account} IDENTIFIED BY 'x'; GRANT SELECT ON ${database.name}.* TO ${account};
      GRANT UPDATE (status) ON ${database.name}.payments TO ${account}`)
    try {
      const url = `mysql://rk_doctor:x@127.0.0.1:${testServer().port}/${database.name}`
      const findings = await diagnose(configureShop({ url, baseUrl: service.baseUrl }))
      expect(findings).toContainEqual({
        id: 'reconcile.privileges',
        severity: 'error',
        evidence: `payments: The account may not INSERT on ${database.name}.outbox.`,
        fix: `GRANT INSERT ON \`${database.name}\`.\`outbox\` TO ${account}`,
      })
      expect(findings.filter(({ id }) => id === 'reconcile.privileges')).toHaveLength(1)
      expect(findings.filter(({ id }) => id === 'control.privileges')).toHaveLength(controlTableNames.length)
    } finally {
      await service.stop()
      await database.query(`DROP USER ${account}`)
    }
  })

  test('suspects the zone of DATETIME columns in both directions', async ({ database }) => {
    await prepareShop(database)
    const service = await startPay()
    const look = async (zone: string) =>
      (await diagnose(configureShop({ url: database.url, baseUrl: service.baseUrl, zone }))).find(
        ({ id }) => id === 'reconcile.dateTimeZone',
      )
    expect(await look('UTC')).toBeUndefined()
    expect((await look('Asia/Seoul'))?.evidence).toContain('is 9 h 1 min old when read in Asia/Seoul')
    await database.query('UPDATE payments SET created_at = created_at + INTERVAL 9 HOUR')
    expect((await look('UTC'))?.evidence).toMatch(/lies 8 h 5\d min in the future when read in UTC/)
    expect(await look('Asia/Seoul')).toBeUndefined()
    await service.stop()
  })

  test('warns of clocks apart and of lost runs', async ({ database }) => {
    await prepareShop(database)
    await database.query(`INSERT INTO rowkeeper_run (run_id, job, kind, verb, state, lease, holder, started_at, heartbeat_at)
      VALUES ('r1', 'payments', 'reconcile', 'run', 'running', 'x', 'ops@beta:2', UTC_TIMESTAMP(), UTC_TIMESTAMP())`)
    const service = await startPay()
    const options = configureShop({ url: database.url, baseUrl: service.baseUrl })
    const slow = { ...systemClock, now: () => new Date(systemClock.now().getTime() - 90_000) }
    const findings = await diagnose({ ...options, surroundings: { ...options.surroundings, clock: slow } })
    await service.stop()
    expect(findings).toContainEqual(
      expect.objectContaining({
        id: 'database.clock',
        severity: 'warning',
        evidence: expect.stringMatching(/1 min 30 s ahead of|1 min 29 s ahead of/),
      }),
    )
    expect(findings).toContainEqual(
      expect.objectContaining({ id: 'runs.lost', fix: expect.stringContaining('rowkeeper run payments') }),
    )
  })
})
