import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { never } from '../../src/lib/abort.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/random.ts'
import {
  type SandboxServer,
  type SandboxServerOptions,
  startSandboxServer,
} from '../../src/sandbox/server.ts'
import { testServer } from '../support/test-server.ts'

const { family } = testServer()
const said: string[] = []

let temporary: string
beforeAll(() => {
  temporary = mkdtempSync(join(tmpdir(), 'rowkeeper-test-'))
  vi.stubEnv('TMPDIR', temporary)
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(temporary, { recursive: true })
})

function start(more: Partial<SandboxServerOptions> = {}): Promise<SandboxServer> {
  return startSandboxServer({
    family,
    clock: systemClock,
    random: systemRandom,
    signal: never,
    environment: process.env,
    say: (line) => void said.push(line),
    ...more,
  })
}

async function queryOne(server: SandboxServer, sql: string): Promise<Record<string, unknown>> {
  const connection = await createConnection(server.url)
  try {
    const [rows] = await connection.query(sql)
    return (rows as Record<string, unknown>[])[0] ?? {}
  } finally {
    await connection.end()
  }
}

describe('startSandboxServer', () => {
  let server: SandboxServer
  beforeAll(async () => {
    server = await start({ serverOptions: ['--max-connections=17'] })
  })
  afterAll(() => server.stop())

  it('gives a url that root can use, and tells the version as the server does', async () => {
    const row = await queryOne(server, 'SELECT VERSION() AS version, CURRENT_USER() AS account')
    expect(row).toEqual({ version: server.version, account: 'root@127.0.0.1' })
    expect(said).toContainEqual(expect.stringContaining(`listens on 127.0.0.1:${server.port}`))
  })

  it('logs rows, speaks utf8mb4, lives in UTC and takes more flags', async () => {
    const row = await queryOne(
      server,
      `SELECT @@log_bin AS log, @@binlog_format AS format, @@server_id AS id, @@character_set_server AS charset,
        @@system_time_zone AS zone, @@bind_address AS address, @@max_connections AS connections`,
    )
    expect(row).toEqual({
      log: 1,
      format: 'ROW',
      id: 1,
      charset: 'utf8mb4',
      zone: 'UTC',
      address: '127.0.0.1',
      connections: 17,
    })
  })

  it('lets nobody in without the password', async () => {
    const url = `mysql://root@127.0.0.1:${server.port}/`
    await expect(createConnection(url)).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' })
  })

  it('answers nothing while frozen, and goes on when thawed', async () => {
    const connection = await createConnection(server.url)
    server.freeze()
    const answer = connection.query('SELECT 1 AS one').then(() => 'answered')
    const silence = systemClock.sleep(300, never).then(() => 'silent')
    expect(await Promise.race([answer, silence])).toBe('silent')
    server.thaw()
    expect(await answer).toBe('answered')
    await connection.end()
  })
})

describe('stop', () => {
  it('ends even a frozen process and removes its folder, once', async () => {
    const server = await start()
    server.freeze()
    expect(readdirSync(temporary)).toHaveLength(1)
    await Promise.all([server.stop(), server.stop()])
    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH')
    expect(readdirSync(temporary)).toEqual([])
    await expect(canConnect(server.port)).resolves.toBe(false)
  })

  it('removes the folder of a server that somebody killed', async () => {
    const server = await start()
    process.kill(server.pid, 'SIGKILL')
    await server.stop()
    expect(readdirSync(temporary)).toEqual([])
  })
})

describe('a start that fails', () => {
  it('shows the last words of a server that died', async () => {
    await expect(start({ serverOptions: ['--no-such-flag'] })).rejects.toMatchObject({
      code: 'sandbox.serverDied',
      exitCode: 69,
      message: expect.stringContaining('no-such-flag'),
    })
    expect(readdirSync(temporary)).toEqual([])
  })

  it('leaves nothing behind when it is aborted', async () => {
    const signal = AbortSignal.timeout(200)
    await expect(start({ signal })).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(readdirSync(temporary)).toEqual([])
  })

  it('says where to get a server when there is neither one nor apt', async () => {
    const environment = { PATH: '', ROWKEEPER_SERVER: 'download' }
    await expect(start({ environment })).rejects.toMatchObject({
      code: 'sandbox.noServer',
      exitCode: 69,
      hint: expect.stringContaining('docker run'),
    })
  })
})

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
