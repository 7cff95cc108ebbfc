import { inject } from 'vitest'
import type { TestServer } from './global-server.ts'

/** The server of the worker that runs this file: what one file does to global variables, none beside it sees. */
export function testServer(): TestServer {
  const servers = inject('servers')
  const worker = Number(process.env.VITEST_POOL_ID ?? 1)
  const server = servers[(worker - 1) % servers.length]
  if (server === undefined) throw new TypeError('no server was started for this project')
  return server
}
