import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '../../lib/random.ts'
import { chooseStyle, type TextStyle } from '../../output/style.ts'
import { createReleases, type Releases } from '../../run/releases.ts'
import { createDisposableFolder } from '../../sandbox/disposable-folder.ts'
import { type Provider, startProvider } from '../../sandbox/provider/server.ts'
import { startSandboxServer } from '../../sandbox/server.ts'
import { type FatedPile, seedOrders } from '../../sandbox/shop/orders.ts'
import { type ShopServer, seedShop, shopUrl } from '../../sandbox/shop/seed.ts'
import { generateShop, type Shop } from '../../sandbox/shop/shop.ts'
import { seedViews } from '../../sandbox/shop/views.ts'
import type { Invocation } from '../shell.ts'
import { demoConfiguration } from './configuration.ts'

/** What every act plays with. */
export interface Stage {
  /** As a user's who stands in a folder with the demo's rowkeeper.yaml. */
  readonly invocation: Invocation
  readonly shop: Shop
  /** What was made, and what must become of it. */
  readonly orders: readonly FatedPile[]
  /** How many looks at products wait to be counted. */
  readonly views: number
  readonly server: ShopServer
  readonly provider: Provider
  /** Of what is shown on standard output. */
  readonly style: TextStyle
}

export interface StageOptions {
  readonly seed: number
  readonly rows: number
}

/** Sets everything up, lets `work` play, and removes everything again, whatever `work` comes to. */
export async function withStage<T>(
  invocation: Invocation,
  options: StageOptions,
  work: (stage: Stage) => Promise<T>,
): Promise<T> {
  const releases = createReleases()
  try {
    return await work(await setUp(invocation, options, releases))
  } finally {
    await releases.run()
  }
}

/** Payments are of the last 29 days, orders of 30 months. */
const ORDERS_PER_PAYMENT = 3
/** Of one day. */
const VIEWS_PER_PAYMENT = 10

async function setUp(invocation: Invocation, options: StageOptions, releases: Releases): Promise<Stage> {
  const { clock, random, process } = invocation.shell
  const { stop } = invocation.control
  const server = await startServer(invocation, releases)
  const token = random.token()
  const provider = await startProvider({ clock, random, token })
  releases.add(provider.stop)
  const now = clock.now()
  const shop = generateShop({ ...options, random: seededRandom(options.seed), now })
  stop.throwIfAborted()
  await seedShop(server, provider, shop)
  stop.throwIfAborted()
  const { timeZone } = shop
  const count = options.rows * ORDERS_PER_PAYMENT
  const orders = await seedOrders(server, { count, seed: options.seed, now, timeZone })
  stop.throwIfAborted()
  const views = options.rows * VIEWS_PER_PAYMENT
  await seedViews(server, { count: views, now, timeZone })
  const config = await writeConfiguration(releases, {
    shopUrl: shopUrl(server),
    token,
    dateTimeZone: timeZone,
    baseUrl: provider.baseUrl,
  })
  return {
    invocation: { ...invocation, globals: { ...invocation.globals, config } },
    shop,
    orders,
    views,
    server,
    provider,
    style: chooseStyle(process.stdout, process.env, invocation.globals.color),
  }
}

async function startServer({ shell, control, globals }: Invocation, releases: Releases): Promise<ShopServer> {
  const say = (line: string) => void shell.process.stderr.write(`${line}\n`)
  const server = await startSandboxServer({
    family: 'mariadb',
    clock: shell.clock,
    random: shell.random,
    signal: control.stop,
    environment: shell.process.env,
    say: globals.quiet ? () => {} : say,
  })
  releases.add(server.stop)
  return { url: server.url, clock: shell.clock, kill: control.kill }
}

interface Addresses {
  readonly shopUrl: string
  readonly token: string
  readonly dateTimeZone: string
  readonly baseUrl: string
}

/** Secrets in files of their own: written into the configuration they would rightly be warned about. */
async function writeConfiguration(
  releases: Releases,
  { shopUrl, token, dateTimeZone, baseUrl }: Addresses,
): Promise<string> {
  const folder = await createDisposableFolder(tmpdir(), 'rowkeeper-demo-')
  releases.add(folder.remove)
  const write = async (name: string, text: string) => {
    const file = join(folder.path, name)
    await writeFile(file, text, { mode: 0o600 })
    return file
  }
  const secretFiles = { shopUrl: await write('shop-url', shopUrl), token: await write('token', token) }
  return write('rowkeeper.yaml', demoConfiguration({ secretFiles, dateTimeZone, baseUrl }))
}
