import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jobs } from '../../jobs/index.ts'
import { controlMigrations } from '../../migrations/index.ts'
import { createHost } from '../../src/cli/host.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createStopControl, type StopControl } from '../../src/lib/abort.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/random.ts'
import { tableFiles } from '../../src/output/table-files.ts'
import type { RunEvent, Warning } from '../../src/run/events.ts'
import type { VerbInput } from '../../src/run/job.ts'
import type { Launch, Surroundings } from '../../src/run/launch.ts'
import type { Host } from '../../src/run/lease.ts'
import type { SavedPlan } from '../../src/run/plan-file.ts'
import { type Ended, type EndedPlan, executeRun, planRun } from '../../src/run/runner.ts'
import { bindJob } from '../../src/run/settings.ts'
import { installState } from '../../src/run/state.ts'
import { executeVerb } from '../../src/run/verb-run.ts'
import type { PaymentStatus } from '../../src/sandbox/provider/payment.ts'
import { type Provider, startProvider } from '../../src/sandbox/provider/server.ts'
import { type CommandEnded, type StartedCommand, startCommand } from './cli.ts'
import { test as databaseTest, type TestDatabase, type TestRow } from './database.ts'

/** One payment as both sides see it. */
export interface ShopPayment {
  /** `payments.status`. */
  readonly local: string
  /** The provider's status; undefined: it does not know the payment. */
  readonly external: PaymentStatus | undefined
  /** Decimal text in major units; default 12.30. */
  readonly amount?: string
  /** Default EUR. */
  readonly currency?: string
  /** Default 60; rows younger than `grace` (5 minutes) are not looked at. */
  readonly ageMinutes?: number
}

/** What a test changes of the configuration: merged over the defaults, key by key at the first level. */
export interface ShopChanges {
  readonly job?: Readonly<Record<string, unknown>>
  readonly service?: Readonly<Record<string, unknown>>
  readonly database?: Readonly<Record<string, unknown>>
}

export interface RunInProcess {
  /** Called at every point a fault test may interrupt. */
  readonly reach?: Surroundings['reach']
  readonly clock?: Clock
  readonly control?: StopControl
  readonly emit?: (event: RunEvent) => void
  readonly limit?: number
  readonly from?: 'checkpoint' | 'start'
  readonly saved?: SavedPlan
  /** Instead of the database's own URL: that of a proxy before it. */
  readonly url?: string
  /** Stands for one host among several; default: this process on this machine. */
  readonly holder?: string
  readonly host?: Host
}

export interface BinaryOptions {
  readonly environment?: Readonly<Record<string, string>>
  /** Default: the built product. */
  readonly binary?: string
}

/** A shop with a payments table, a provider beside it, and one reconcile job `payments` between the two. */
export interface ReconcileShop {
  readonly database: TestDatabase
  readonly provider: Provider
  readonly configFile: string
  /** What the configuration reads: SHOP_URL, PAY_URL, PAY_TOKEN. */
  readonly environment: Readonly<Record<string, string>>
  /** Writes the configuration anew. */
  configure(changes: ShopChanges): Promise<void>
  /** Adds payments; the n-th ever added has id n, reference `o-n`, and id `pay_n` at the provider. */
  seed(payments: readonly ShopPayment[]): Promise<void>
  run(options?: RunInProcess): Promise<Ended>
  plan(options?: RunInProcess): Promise<EndedPlan>
  /** `review approve payments <item> --note …` in process, as operator@desk. */
  review(verb: string, item?: string, options?: VerbInput['options']): Promise<Ended>
  /** The configuration is given as `ROWKEEPER_CONFIG`. A command still running at the end of the test is killed. */
  startBinary(words: readonly string[], options?: BinaryOptions): StartedCommand
  runBinary(words: readonly string[], options?: BinaryOptions): Promise<CommandEnded>
  /** From now on called while each request is open at the provider: after its work, before its answer. */
  onRequest(look: () => Promise<void>): void
  /** Everything that waits for a later look becomes due: for tests that will not wait a minute. */
  makeDue(): Promise<void>
  /** By id. */
  rows(): Promise<TestRow[]>
  fixes(): Promise<TestRow[]>
  operations(): Promise<TestRow[]>
  items(): Promise<TestRow[]>
  runs(): Promise<TestRow[]>
  leases(): Promise<TestRow[]>
}

export const test = databaseTest.extend<{ shop: ReconcileShop }>({
  shop: async ({ database }, use) => {
    const { shop, close } = await openShop(database)
    try {
      await use(shop)
    } finally {
      await close()
    }
  },
})

const TOKEN = 'token-of-the-shop'

/** For a database that is not the test's own: a server that the test freezes or kills. */
export async function openShop(
  database: TestDatabase,
): Promise<{ shop: ReconcileShop; close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'rowkeeper-shop-'))
  let probe = async () => {}
  const provider = await startProvider({
    clock: systemClock,
    random: systemRandom,
    token: TOKEN,
    transactionProbe: () => probe(),
  })
  const children: StartedCommand[] = []
  const shop = createShop({
    database,
    provider,
    configFile: join(folder, 'rowkeeper.yaml'),
    children,
    onRequest: (look) => {
      probe = look
    },
  })
  await shop.configure({})
  await database.query(paymentsTable)
  await installControlTables(shop)
  const close = async () => {
    for (const child of children) child.signal('SIGKILL')
    await Promise.all(children.map((child) => child.ended))
    await provider.stop()
    await rm(folder, { recursive: true, force: true })
  }
  return { shop, close }
}

const paymentsTable = `CREATE TABLE payments (
  id BIGINT PRIMARY KEY,
  order_id VARCHAR(40) NOT NULL UNIQUE,
  payment_key VARCHAR(64) NULL,
  status VARCHAR(16) NOT NULL,
  amount DECIMAL(12,2) NOT NULL,
  currency CHAR(3) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  paid_at DATETIME NULL,
  KEY payments_by_created_at (created_at)
)`

interface Belongings {
  readonly database: TestDatabase
  readonly provider: Provider
  readonly configFile: string
  readonly children: StartedCommand[]
  readonly onRequest: ReconcileShop['onRequest']
}

function createShop({ database, provider, configFile, children, onRequest }: Belongings): ReconcileShop {
  const environment = { SHOP_URL: database.url, PAY_URL: provider.baseUrl, PAY_TOKEN: TOKEN }
  let seeded = 0
  const shop: ReconcileShop = {
    database,
    provider,
    configFile,
    environment,
    onRequest,
    configure: (changes) => writeFile(configFile, JSON.stringify(configuration(changes))),
    async seed(payments) {
      await seedPayments(database, provider, payments, seeded)
      seeded += payments.length
    },
    run: (options = {}) =>
      executeRun(createLaunch(shop, options), {
        saved: options.saved,
        from: options.from ?? 'checkpoint',
        takeRows: async () => {},
      }),
    plan: (options = {}) => planRun(createLaunch(shop, options)),
    review: (verb, item, options = {}) =>
      executeVerb(
        createLaunch(shop, {}),
        { group: 'review', verb },
        { arguments: item === undefined ? {} : { item }, options, actor: 'operator@desk' },
      ),
    startBinary(words, { environment: more = {}, binary } = {}) {
      const child = startCommand({
        words,
        environment: { ...environment, ROWKEEPER_CONFIG: configFile, ...more },
        ...(binary === undefined ? {} : { binary }),
      })
      children.push(child)
      return child
    },
    runBinary: (words, options) => shop.startBinary(words, options).ended,
    async makeDue() {
      const past = 'next_check_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE next_check_at IS NOT NULL'
      await database.query(`UPDATE rowkeeper_operation SET ${past}; UPDATE rowkeeper_item SET ${past}`)
    },
    rows: () => database.query('SELECT * FROM payments ORDER BY id'),
    fixes: () => database.query('SELECT * FROM rowkeeper_fix ORDER BY id'),
    operations: () => database.query('SELECT * FROM rowkeeper_operation ORDER BY created_at, id'),
    items: () => database.query('SELECT * FROM rowkeeper_item ORDER BY reference'),
    runs: () => database.query('SELECT * FROM rowkeeper_run ORDER BY started_at, run_id'),
    leases: () => database.query('SELECT * FROM rowkeeper_lease'),
  }
  return shop
}

/** JSON is YAML too. */
function configuration({ job = {}, service = {}, database = {} }: ShopChanges) {
  return {
    version: 1,
    databases: { shop: { url: envReference('SHOP_URL'), ...database } },
    services: {
      pay: {
        baseUrl: envReference('PAY_URL'),
        auth: { bearer: envReference('PAY_TOKEN') },
        lookup: {
          get: '/payments/{reference}',
          read: {
            id: '/id',
            reference: '/orderId',
            status: '/status',
            amount: '/amount',
            currency: '/currency',
            refunded: '/refunded',
            refundable: '/refundable',
            duplicates: '/duplicates',
          },
          notFound: { status: 404, code: { pointer: '/code', equals: 'PAYMENT_NOT_FOUND' } },
          statuses: {
            PAID: 'paid',
            PENDING: 'pending',
            FAILED: 'failed',
            CANCELLED: 'refunded',
            PARTIAL: 'partial',
            AUTHORIZED: 'authorized',
          },
        },
        cancel: {
          post: '/payments/{id}/cancel',
          json: { reason: 'reconciled', amount: '{amount}' },
          idempotency: { header: 'Idempotency-Key', window: '24h' },
        },
        ...service,
      },
    },
    jobs: { payments: { ...jobDefaults, ...job } },
  }
}

function envReference(name: string): string {
  return `\${env:${name}}`
}

const jobDefaults = {
  kind: 'reconcile',
  database: 'shop',
  table: 'payments',
  service: 'pay',
  key: ['id'],
  columns: {
    reference: 'order_id',
    externalId: 'payment_key',
    status: 'status',
    amount: 'amount',
    currency: 'currency',
    createdAt: 'created_at',
    updatedAt: 'updated_at',
  },
  statuses: {
    pending: ['PENDING'],
    unknown: ['UNKNOWN'],
    paid: ['PAID'],
    failed: ['FAILED', 'ROLLED_BACK'],
    refunded: ['REFUNDED'],
  },
  write: { paid: { status: 'PAID', paid_at: 'now' }, failed: 'FAILED', refunded: 'REFUNDED' },
  settled: { paid: '100%', refunded: '100%' },
  limits: { maxChangedRatio: '100%' },
  actions: { compensate: 'auto' },
}

const MINUTE_MS = 60_000

async function seedPayments(
  database: TestDatabase,
  { state }: Provider,
  payments: readonly ShopPayment[],
  before: number,
): Promise<void> {
  const now = systemClock.now().getTime()
  const rows = payments.map((payment, index) => {
    const { local, external, amount = '12.30', currency = 'EUR', ageMinutes = 60 } = payment
    const number = before + index + 1
    const createdAt = new Date(now - ageMinutes * MINUTE_MS)
    if (external !== undefined) {
      const orderId = `o-${number}`
      state.create({ id: `pay_${number}`, orderId, amount, currency, status: external, createdAt })
    }
    const createdText = createdAt.toISOString().replace('T', ' ').replace('Z', '')
    return [number, `o-${number}`, local, amount, currency, createdText]
  })
  if (rows.length === 0) return
  await database.query('INSERT INTO payments (id, order_id, status, amount, currency, created_at) VALUES ?', [
    rows,
  ])
}

/** As the command line does it for one configured job. */
function createLaunch(shop: ReconcileShop, options: RunInProcess): Launch {
  const { config } = loadConfig({
    file: shop.configFile,
    environment: { ...shop.environment, ...(options.url === undefined ? {} : { SHOP_URL: options.url }) },
    kinds: jobs.map(({ kind, schema }) => ({ kind, schema, service: 'required' as const })),
  })
  const entry = config.jobs.payments
  const job = jobs.find(({ kind }) => kind === 'reconcile')
  if (entry === undefined || job === undefined) throw new Error('the shop lacks a part')
  return {
    surroundings: createSurroundings(options),
    config,
    entry,
    job,
    opened: job.open(bindJob(config, entry)),
    limit: options.limit,
  }
}

const STOP_GRACE_MS = 20_000

function createSurroundings(options: RunInProcess): Surroundings {
  const warnings: Warning[] = []
  return {
    clock: options.clock ?? systemClock,
    random: systemRandom,
    host: options.host ?? hostOf(options.holder),
    control: options.control ?? createStopControl(systemClock, STOP_GRACE_MS),
    warnings,
    files: tableFiles,
    reach: options.reach ?? (async () => {}),
    emit(event) {
      if (event.type === 'warning') warnings.push(event.warning)
      options.emit?.(event)
    },
  }
}

function hostOf(holder: string | undefined): Host {
  return holder === undefined ? createHost(process) : { holder, mayBeAlive: () => true }
}

async function installControlTables(shop: ReconcileShop): Promise<void> {
  const { config } = loadConfig({
    file: shop.configFile,
    environment: shop.environment,
    kinds: jobs.map(({ kind, schema }) => ({ kind, schema, service: 'required' as const })),
  })
  const database = config.databases.shop
  if (database === undefined) throw new Error('the shop lacks its database')
  await installState({
    database: { name: 'shop', config: database },
    surroundings: createSurroundings({}),
    migrations: controlMigrations,
  })
}
