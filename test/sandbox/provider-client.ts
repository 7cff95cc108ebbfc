import { Agent, type Dispatcher, request } from 'undici'
import { afterEach } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { seededRandom } from '../../src/lib/random.ts'
import { type Provider, type ProviderOptions, startProvider } from '../../src/sandbox/provider/server.ts'

const releasers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const release of releasers.splice(0).reverse()) await release()
})

export interface Reply {
  readonly status: number
  readonly headers: Dispatcher.ResponseData['headers']
  readonly bytes: Buffer
  readonly text: string
}

export interface Client extends Provider {
  get(path: string, headers?: Record<string, string>): Promise<Reply>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Reply>
  send(method: Dispatcher.HttpMethod, path: string): Promise<Reply>
}

/** A provider and a plain client for it; both are gone after the test. */
export async function openProvider(
  options: Partial<ProviderOptions> = {},
  agentOptions: Agent.Options = {},
): Promise<Client> {
  const provider = await startProvider({ clock: systemClock, random: seededRandom(7), ...options })
  const dispatcher = new Agent({ headersTimeout: 2_000, bodyTimeout: 2_000, ...agentOptions })
  releasers.push(
    () => provider.stop(),
    () => dispatcher.destroy(),
  )
  const call = async (path: string, init: Omit<Dispatcher.RequestOptions, 'path' | 'origin'>) => {
    const { statusCode, headers, body } = await request(`${provider.baseUrl}${path}`, { dispatcher, ...init })
    const bytes = Buffer.from(await body.arrayBuffer())
    return { status: statusCode, headers, bytes, text: bytes.toString('utf8') }
  }
  return {
    ...provider,
    get: (path, headers = {}) => call(path, { method: 'GET', headers }),
    post: (path, body, headers = {}) =>
      call(path, { method: 'POST', body: Buffer.isBuffer(body) ? body : JSON.stringify(body), headers }),
    send: (method, path) => call(path, { method }),
  }
}
