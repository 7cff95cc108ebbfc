/** The pretend payment provider: a real HTTP server on loopback that tells the truth, until told to misbehave. */
import { once, setMaxListeners } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../lib/clock.ts'
import { exitCodes, RowkeeperError } from '../../lib/errors.ts'
import type { Random } from '../../lib/random.ts'
import type { Context } from './context.ts'
import { respondToOperator } from './control.ts'
import { createFaultBoard, type Faults } from './faults.ts'
import { createIdempotencyKeys } from './idempotency.ts'
import { createPayments } from './payments.ts'
import { createRequestLog } from './request-log.ts'
import { respond } from './respond.ts'
import { isControlPath } from './route.ts'
import { createState, type ProviderState } from './state.ts'

export interface ProviderOptions {
  readonly clock: Clock
  readonly random: Random
  /** Default: a free one. */
  readonly port?: number
  /** The bearer token every request must carry; without one 401, with another one 403. Default: none needed. */
  readonly token?: string
  /** Every answer waits this long, after the work. Default 0. */
  readonly latencyMs?: number
  /** How long a key is remembered, from its first use. Default 24 h. */
  readonly idempotencyWindowMs?: number
  /** Runs while a request is open, after its work and before its answer. */
  readonly transactionProbe?: () => Promise<void>
}

export interface Provider {
  readonly baseUrl: string
  readonly state: ProviderState
  readonly faults: Faults
  /** Ends every connection, also those that a fault keeps hanging. */
  stop(): Promise<void>
}

const DAY_MS = 24 * 3_600_000

/** Rejects with `sandbox.provider.unavailable` when it cannot listen: the port is taken. */
export async function startProvider(options: ProviderOptions): Promise<Provider> {
  const stopping = new AbortController()
  // Every waiting answer listens to it; from the eleventh on Node would warn of a leak.
  setMaxListeners(0, stopping.signal)
  const context = createContext(options, stopping.signal)
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    void serve(context, request, response)
  })
  await listen(server, options.port ?? 0)
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    state: createState(context.payments, context.log),
    faults: context.faults,
    async stop() {
      stopping.abort()
      context.payments.release()
      await close(server)
    },
  }
}

function createContext(options: ProviderOptions, stopped: AbortSignal): Context {
  const { clock, random } = options
  return {
    clock,
    stopped,
    payments: createPayments(clock, random),
    log: createRequestLog(clock),
    faults: createFaultBoard(clock, random),
    keys: createIdempotencyKeys(clock, options.idempotencyWindowMs ?? DAY_MS),
    token: options.token,
    latencyMs: options.latencyMs ?? 0,
    transactionProbe: options.transactionProbe,
    requestPrefix: `req-${random.token().slice(0, 8)}`,
  }
}

/** What nobody foresaw must be seen by the caller, and must not end the provider. */
async function serve(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = isControlPath(request.url ?? '/') ? respondToOperator : respond
  try {
    await answer(context, request, response)
  } catch (error) {
    if (context.stopped.aborted || response.headersSent) return void response.destroy()
    response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error))
  }
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new RowkeeperError({
      code: 'sandbox.provider.unavailable',
      message: `The pretend provider cannot listen on 127.0.0.1:${port}: ${String(cause)}`,
      hint: 'Choose another port, or none: then it takes a free one.',
      exitCode: exitCodes.unavailable,
      cause,
    })
  }
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
