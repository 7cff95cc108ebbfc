import type { Connection } from 'mysql2'
import type { Clock } from '../lib/clock.ts'
import { type ConnectionTarget, driverOptions } from './connection.ts'

const KILL_LIMIT_MS = 1000

/**
 * Interrupts what a connection is running, through a connection of its own: the pool may be the very thing that hangs.
 * A user may always kill own threads, so no privilege is needed. Gives up after a second and never throws: the caller
 * cuts its own socket next.
 */
export function killQuery(target: ConnectionTarget, connectionId: number, clock: Clock): Promise<void> {
  return sendKill(target, `KILL QUERY ${connectionId}`, clock)
}

/** Ends a connection and rolls its transaction back: for the sessions of a run that died. */
export function killConnection(target: ConnectionTarget, connectionId: number, clock: Clock): Promise<void> {
  return sendKill(target, `KILL CONNECTION ${connectionId}`, clock)
}

async function sendKill(target: ConnectionTarget, command: string, clock: Clock): Promise<void> {
  const { createConnection } = await import('mysql2')
  const connection = createConnection({ ...driverOptions(target), connectTimeout: KILL_LIMIT_MS })
  await new Promise<void>((resolve) => {
    const cancel = clock.schedule(KILL_LIMIT_MS, resolve)
    const settle = () => {
      cancel()
      resolve()
    }
    connection.on('error', settle)
    connection.query(`/* rowkeeper kill */ ${command}`, settle)
  })
  closeQuietly(connection)
}

function closeQuietly(connection: Connection): void {
  connection.removeAllListeners('error')
  connection.on('error', () => {})
  connection.destroy()
}
