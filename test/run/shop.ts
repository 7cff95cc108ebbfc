import { jobs } from '../../jobs/index.ts'
import { controlMigrations } from '../../migrations/index.ts'
import { parseConfig } from '../../src/config/load.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/random.ts'
import type { DiagnoseOptions } from '../../src/run/doctor.ts'
import type { Launch } from '../../src/run/launch.ts'
import { bindJob } from '../../src/run/settings.ts'
import { installState } from '../../src/run/state.ts'
import { startProvider } from '../../src/sandbox/provider/server.ts'
import type { TestDatabase } from '../support/database.ts'
import { surroundings, testDatabase } from './surroundings.ts'

export const payments = `CREATE TABLE payments (id BIGINT PRIMARY KEY, order_id VARCHAR(40) NOT NULL, status VARCHAR(20) NOT NULL,
  amount DECIMAL(12,2) NOT NULL, created_at DATETIME NOT NULL, KEY by_created (created_at, id)); CREATE TABLE outbox (topic VARCHAR(40), payload TEXT);
  INSERT INTO payments VALUES (1, 'o1', 'PAID', 10, UTC_TIMESTAMP() - INTERVAL 1 MINUTE)`

export async function prepareShop(database: TestDatabase) {
  await database.query(payments)
  await installState({
    database: testDatabase(database.url),
    surroundings: surroundings(),
    migrations: controlMigrations,
  })
}

export function startPay(token = 'secret-token') {
  return startProvider({ clock: systemClock, random: systemRandom, token })
}

/** One database, one service, one job of reconcile; the launches live in `around`. */
export function configureShop(
  options: {
    url: string
    baseUrl: string
    zone?: string
    schedule?: string
  },
  around = surroundings(),
): DiagnoseOptions {
  const text = `version: 1
databases:
  shop: { url: "${options.url}", dateTimeZone: ${options.zone ?? 'UTC'} }
services:
  pay:
    baseUrl: ${options.baseUrl}
    auth: { bearer: secret-token }
    lookup:
      get: /payments/{reference}
      read: { id: /id, reference: /orderId, status: /status, amount: /amount }
      statuses: { PAID: paid }
jobs:
  payments:
    kind: reconcile
    schedule: "${options.schedule ?? '*/10 * * * *'}"
    database: shop
    service: pay
    table: payments
    key: [id]
    columns: { reference: order_id, status: status, amount: amount, createdAt: created_at }
    statuses: { pending: [PENDING], paid: [PAID], failed: [FAILED] }
    write: { paid: PAID, failed: FAILED }
    also: { insertInto: outbox, values: { topic: payment.fixed, payload: "{fix}" } }
`
  const { config } = parseConfig({
    text,
    fileName: 'rowkeeper.yaml',
    environment: {},
    readSecretFile: () => '',
    kinds: jobs.map(({ kind, schema }) => ({ kind, schema })),
  })
  const launches = Object.values(config.jobs).flatMap((entry): Launch[] => {
    const job = jobs.find(({ kind }) => kind === entry.kind)
    if (job === undefined) return []
    const opened = job.open(bindJob(config, entry))
    return [{ surroundings: around, config, entry, job, opened, limit: undefined }]
  })
  return { config, surroundings: around, migrations: controlMigrations, launches, scope: 'all' }
}
