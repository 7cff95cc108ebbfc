import { type Dispatcher, Pool } from 'undici'
import type { Clock } from '../lib/clock.ts'
import { onAbort } from '../resilience/wait.ts'

export interface Timeouts {
  /** Milliseconds for name lookup, TCP and TLS together. */
  readonly connect: number
  /** Milliseconds from the request to the response's headers. undici's timer is coarse: up to 0.6 s late. */
  readonly headers: number
  /** Milliseconds from dispatch to the last byte; exact. */
  readonly total: number
}

export interface ExchangeOptions {
  readonly origin: string
  readonly connections: number
  readonly timeouts: Timeouts
  readonly bodyLimitBytes: number
  readonly clock: Clock
  /** `kept`: connections are used again. `fresh`: one for each request, because a kept one may just be closing. */
  readonly connection: 'kept' | 'fresh'
}

export interface WireRequest {
  readonly method: 'GET' | 'POST'
  /** With query; sent as it is to the one origin this exchange was made for. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly kill: AbortSignal
}

/** How far an attempt came. Only `waiting` is sure not to have been executed. */
export type Phase = 'waiting' | 'dispatched' | 'answering'

export type Exchanged =
  | { readonly kind: 'complete'; readonly response: WireResponse; readonly durationMs: number }
  | { readonly kind: 'tooLarge'; readonly response: WireResponse; readonly durationMs: number }
  | {
      readonly kind: 'broken'
      readonly phase: Phase
      readonly by: 'error' | 'timeout' | 'kill'
      readonly error?: Error
      readonly status?: number
      readonly durationMs: number
    }

export interface WireResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Undecoded; of a body too large, what came until then. */
  readonly bytes: Buffer
}

export interface Exchange {
  /** One attempt on the wire. Never rejects: what went wrong is in the result. */
  send(request: WireRequest): Promise<Exchanged>
  /** Cuts what is still open. */
  close(): Promise<void>
}

const HEADER_LIMIT_BYTES = 16 * 1024

/** Connections to one origin, HTTP/1.1, one request at a time on each, redirects not followed. */
export function createExchange(options: ExchangeOptions): Exchange {
  const { origin, connections, timeouts, connection } = options
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    allowH2: false,
    connect: { timeout: timeouts.connect },
    headersTimeout: timeouts.headers,
    // It measures the gap between chunks, so a slow drip passes it; the total covers what it would.
    bodyTimeout: 0,
    maxHeaderSize: HEADER_LIMIT_BYTES,
  })
  const reset = connection === 'fresh'
  return {
    send: (request) => new Promise((resolve) => new Attempt(options, request, resolve).start(pool, reset)),
    close: () => pool.destroy(),
  }
}

/**
 * The life of one attempt. Written on undici's dispatch instead of its request: that one learns of an abort only when
 * a connection is there, cannot tell waiting from sent, and builds a stream for a body of a few hundred bytes.
 */
class Attempt implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions
  readonly #request: WireRequest
  readonly #resolve: (exchanged: Exchanged) => void
  readonly #startedAt: number
  #phase: Phase = 'waiting'
  #settled = false
  #controller: Dispatcher.DispatchController | undefined
  #release = () => {}
  #status = 0
  #headers: WireResponse['headers'] = {}
  #chunks: Buffer[] = []
  #size = 0

  constructor(options: ExchangeOptions, request: WireRequest, resolve: (exchanged: Exchanged) => void) {
    this.#options = options
    this.#request = request
    this.#resolve = resolve
    this.#startedAt = options.clock.elapsed()
  }

  start(pool: Pool, reset: boolean): void {
    const { method, path, headers, body, kill } = this.#request
    if (kill.aborted) {
      this.#break('kill')
      return
    }
    const cancelTimer = this.#options.clock.schedule(this.#options.timeouts.total, () =>
      this.#break('timeout'),
    )
    const forgetKill = onAbort(kill, () => this.#break('kill'))
    this.#release = () => {
      cancelTimer()
      forgetKill()
    }
    pool.dispatch(
      { method, path, headers: headers as Record<string, string>, body: body ?? null, reset },
      this,
    )
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    // undici writes a request again when its connection was closing; a mutation goes out once.
    const again = this.#phase !== 'waiting' && this.#request.method === 'POST'
    if (again) this.#break('error', new Error('the connection closed while the request was being written'))
    if (this.#settled) controller.abort(new Error('nobody waits for this request any more'))
    else this.#phase = 'dispatched'
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: WireResponse['headers'],
  ): void {
    if (this.#settled || status < 200) return
    this.#controller = controller
    this.#phase = 'answering'
    this.#status = status
    this.#headers = headers
    if (Number(headers['content-length'] ?? 0) > this.#options.bodyLimitBytes) this.#refuseBody()
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return
    this.#chunks.push(chunk)
    this.#size += chunk.length
    if (this.#size > this.#options.bodyLimitBytes) this.#refuseBody()
  }

  onResponseEnd(): void {
    this.#settle({ kind: 'complete', response: this.#response(), durationMs: this.#duration() })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#break('error', error)
  }

  #refuseBody(): void {
    this.#settle({ kind: 'tooLarge', response: this.#response(), durationMs: this.#duration() })
    this.#controller?.abort(new Error('the body is larger than the limit'))
  }

  #break(by: 'error' | 'timeout' | 'kill', error?: Error): void {
    this.#settle({
      kind: 'broken',
      phase: this.#phase,
      by,
      durationMs: this.#duration(),
      ...(error === undefined ? {} : { error }),
      ...(this.#status === 0 ? {} : { status: this.#status }),
    })
    this.#controller?.abort(error ?? new Error('given up'))
  }

  #settle(exchanged: Exchanged): void {
    if (this.#settled) return
    this.#settled = true
    this.#release()
    this.#resolve(exchanged)
  }

  #response(): WireResponse {
    const [first] = this.#chunks
    const bytes = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks)
    return { status: this.#status, headers: this.#headers, bytes }
  }

  #duration(): number {
    return this.#options.clock.elapsed() - this.#startedAt
  }
}
