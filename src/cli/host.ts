import { hostname, userInfo } from 'node:os'
import type { Host } from '../run/lease.ts'

/** This process as the ledger knows it: `user@machine:pid`. */
export function createHost(process: NodeJS.Process): Host {
  const machine = hostname()
  return {
    holder: `${userName()}@${machine}:${process.pid}`.slice(-190),
    mayBeAlive(holder) {
      const match = /@([^@]*):(\d+)$/.exec(holder)
      if (match?.[1] !== machine) return true
      return isRunning(process, Number(match[2]))
    },
  }
}

/** A container may run as a user id that has no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}

/** Signal 0 asks without sending. EPERM: there is such a process, of somebody else. */
function isRunning(process: NodeJS.Process, pid: number): boolean {
  if (pid === process.pid) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
