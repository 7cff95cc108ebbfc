import { createConnection, createServer, type Socket } from 'node:net'
import { describe, expect } from 'vitest'
import { CommitUnknownError } from '../../src/db/errors.ts'
import { sql, statement } from '../../src/db/statement.ts'
import { test } from '../support/database.ts'
import { testServer } from '../support/test-server.ts'
import { withWriter } from './open.ts'

/** What a proxy between us and the server does when it loses the server in the middle of a COMMIT. */
type Loss = 'before the server had it' | 'after the server did it'

describe('a COMMIT that a proxy lost', () => {
  // ProxySQL and MaxScale answer for the server then, with the errors a client library would have raised.
  test.for([
    ['before the server had it', 2013],
    ['after the server did it', 2013],
    ['after the server did it', 2006],
    ['after the server did it', 1927],
    ['after the server did it', 1053],
    ['after the server did it', 1180],
  ] as const)(
    '%s is unknown, though the proxy answered with error %i',
    async ([loss, number], { database }) => {
      await database.query('CREATE TABLE numbers (n INT PRIMARY KEY)')
      const proxy = await startProxy(loss, number)
      try {
        const url = database.url.replace(/:\d+\//, `:${proxy.port}/`)
        await withWriter(url, async (writer) => {
          const losing = writer.use((session) =>
            session.transaction((transaction) =>
              transaction.change(statement('test.insert', sql`INSERT INTO numbers VALUES (1)`)),
            ),
          )
          await expect(losing).rejects.toBeInstanceOf(CommitUnknownError)
        })
      } finally {
        proxy.stop()
      }
      const rows = await database.query('SELECT n FROM numbers')
      expect(rows).toHaveLength(loss === 'after the server did it' ? 1 : 0)
    },
  )
})

async function startProxy(loss: Loss, number: number): Promise<{ port: number; stop: () => void }> {
  const sockets: Socket[] = []
  const proxy = createServer((client) => {
    const server = createConnection({ host: '127.0.0.1', port: testServer().port })
    sockets.push(client, server)
    for (const socket of [client, server]) socket.on('error', () => {})
    let isLost = false
    server.on('data', (data) => {
      if (isLost) client.write(errorPacket(number))
      else client.write(data)
    })
    client.on('data', (data) => {
      isLost = data.includes('transaction.commit')
      if (!isLost || loss === 'after the server did it') return void server.write(data)
      server.destroy()
      client.write(errorPacket(number))
    })
    client.on('close', () => server.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const address = proxy.address()
  const stop = () => {
    proxy.close()
    for (const socket of sockets) socket.destroy()
  }
  return { port: typeof address === 'object' && address !== null ? address.port : 0, stop }
}

/** An error packet of the client protocol: length, sequence 1, 0xff, number, state, text. */
function errorPacket(number: number): Buffer {
  const text = Buffer.from('#HY000Lost connection to server during query')
  const body = Buffer.concat([Buffer.from([0xff, number & 0xff, number >> 8]), text])
  return Buffer.concat([Buffer.from([body.length, 0, 0, 1]), body])
}
