/** A proxy before a database server that can break a connection at exactly one statement. TLS has to be off. */
import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net'

/**
 * What happens to a statement, seen from the client.
 * loseAnswer: carried out, then the connection is reset before the answer arrives ·
 * loseCommand: reset before the server hears of it · holdAnswer: carried out, the answer never comes, the connection
 * stays · holdCommand: the server never hears of it and keeps its side open, also when the client hangs up.
 */
export type ProxyFault = 'loseAnswer' | 'loseCommand' | 'holdAnswer' | 'holdCommand'

export interface Interception {
  /** Matched against the text of a statement. */
  readonly statement: RegExp
  /** Only on a connection on which a statement like this went before. */
  readonly after?: RegExp
  readonly fault: ProxyFault
  /** How many times; default 1. */
  readonly times?: number
}

export interface TcpProxy {
  /** The same URL with the proxy's address. */
  readonly url: string
  intercept(interception: Interception): void
  /** How often an interception came to be. */
  interceptions(): number
  /** Sends what `holdCommand` held back, on all connections: the server hears it late. */
  deliverHeld(): void
  /** From now on nothing passes in either direction, on old and new connections; they stay open. */
  freeze(): void
  /** Old connections are reset; new ones work. */
  thaw(): void
  stop(): Promise<void>
}

/** `target` is the URL of the real server, with a port. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const state = createState()
  const { hostname: host, port } = new URL(target)
  const server = createServer((client) => {
    const upstream = createConnection({ host, port: Number(port) })
    relay(client, upstream, state)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(target)
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: url.href,
    intercept: (interception) => void state.pending.push({ ...interception, left: interception.times ?? 1 }),
    interceptions: () => state.happened,
    deliverHeld() {
      for (const deliver of state.held.splice(0)) deliver()
    },
    freeze() {
      state.frozen = true
    },
    thaw() {
      state.frozen = false
      reset(state)
    },
    async stop() {
      reset(state)
      server.close()
      await once(server, 'close')
    },
  }
}

interface Pending extends Interception {
  left: number
}

interface State {
  readonly pending: Pending[]
  readonly sockets: Set<Socket>
  readonly held: (() => void)[]
  happened: number
  frozen: boolean
}

function createState(): State {
  return { pending: [], sockets: new Set(), held: [], happened: 0, frozen: false }
}

function reset({ sockets }: State): void {
  for (const socket of sockets) socket.resetAndDestroy()
}

function relay(client: Socket, upstream: Socket, state: State): void {
  let answers: 'pass' | 'swallow' | 'resetOnNext' = 'pass'
  let isHolding = false
  const said: string[] = []
  for (const socket of [client, upstream]) {
    state.sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.once('close', () => state.sockets.delete(socket))
  }
  client.once('close', () => {
    if (!isHolding && !state.frozen) upstream.destroy()
  })
  upstream.once('close', () => {
    if (!state.frozen) client.destroy()
  })
  upstream.on('data', (data) => {
    if (state.frozen || answers === 'swallow') return
    if (answers === 'pass') return void client.write(data)
    client.resetAndDestroy()
    upstream.destroy()
  })
  const forward = (packet: Buffer) => {
    const text = queryText(packet)
    const found = state.frozen ? undefined : findInterception(state, said, text)
    if (text !== undefined) said.push(text)
    if (state.frozen || isHolding) return
    if (found === undefined) return void upstream.write(packet)
    state.happened += 1
    switch (found.fault) {
      case 'loseAnswer':
        answers = 'resetOnNext'
        return void upstream.write(packet)
      case 'loseCommand':
        client.resetAndDestroy()
        return void upstream.destroy()
      case 'holdAnswer':
        answers = 'swallow'
        return void upstream.write(packet)
      case 'holdCommand':
        isHolding = true
        state.held.push(() => void upstream.write(packet))
        return
    }
  }
  client.on('data', splitPackets(forward))
}

function findInterception(
  state: State,
  said: readonly string[],
  text: string | undefined,
): Pending | undefined {
  if (text === undefined) return undefined
  const found = state.pending.find(
    ({ statement, after, left }) =>
      left > 0 && statement.test(text) && (after === undefined || said.some((before) => after.test(before))),
  )
  if (found !== undefined) found.left -= 1
  return found
}

const HEADER_BYTES = 4
const COM_QUERY = 3

/** Three bytes of length, one of sequence, then the payload: https://mariadb.com/kb/en/0-packet/ */
function splitPackets(take: (packet: Buffer) => void): (data: Buffer) => void {
  let rest = Buffer.alloc(0)
  return (data) => {
    rest = Buffer.concat([rest, data])
    while (rest.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + rest.readUIntLE(0, 3)
      if (rest.length < end) return
      const packet = rest.subarray(0, end)
      rest = rest.subarray(end)
      take(packet)
    }
  }
}

/** A new command has sequence 0; the client's part of the handshake has not. */
function queryText(packet: Buffer): string | undefined {
  const isQuery = packet[3] === 0 && packet[HEADER_BYTES] === COM_QUERY
  return isQuery ? packet.toString('utf8', HEADER_BYTES + 1) : undefined
}
