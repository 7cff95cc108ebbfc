import type { ThrottleLimits } from '../config/throttle.ts'
import { DatabaseError } from '../db/errors.ts'
import { readHistoryLength, readReplicaLagMs, readThreadsRunning } from '../db/load.ts'
import type { ReadSession } from '../db/session.ts'
import { createPace, type Pace, type Sensor } from '../engine/pace.ts'
import { RowkeeperError } from '../lib/errors.ts'
import { formatCount, formatDuration } from '../lib/units.ts'
import type { ExecuteContext, PlanContext, Read } from './context.ts'
import type { Finding } from './events.ts'

/** What the run waits for: the load of the servers it writes to, and the lag of the replica that is configured. */
export function createThrottle(context: ExecuteContext, limits: ThrottleLimits, step: string): Pace {
  const { clock, stop, emit } = context
  return createPace({
    sensors: listSensors(context, limits),
    clock,
    stop,
    onThrottled: (reason) => emit({ type: 'stepThrottled', step, reason }),
  })
}

function listSensors(context: PlanContext, limits: ThrottleLimits): readonly Sensor[] {
  const { destination, readReplica } = context
  return [
    ...loadSensors('', context.read, limits),
    ...(destination === undefined ? [] : loadSensors(' of the archive server', destination.read, limits)),
    ...(readReplica === undefined ? [] : [lagSensor(readReplica, limits)]),
  ]
}

function loadSensors(where: string, read: Read, limits: ThrottleLimits): readonly Sensor[] {
  const sensor = (name: string, limit: number, of: (session: ReadSession) => Promise<number>): Sensor => ({
    name: `${name}${where}`,
    limit,
    describe: formatCount,
    read: () => read(of),
  })
  return [
    sensor('threads running', limits.maxThreadsRunning, readThreadsRunning),
    sensor('history list length', limits.maxHistoryLength, readHistoryLength),
  ]
}

function lagSensor(read: Read, { maxReplicaLag }: ThrottleLimits): Sensor {
  return {
    name: 'replica lag',
    limit: maxReplicaLag,
    describe: formatDuration,
    read: () => read(readReplicaLagMs),
  }
}

/**
 * A run that may not read what it is to wait for would wait a minute and give up: found before it begins, under the
 * check's own id. What is passing is left to the run.
 */
export async function findUnreadableSensors(
  context: PlanContext,
  limits: ThrottleLimits,
  id: string,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const sensor of listSensors(context, limits)) {
    const error = await sensor.read().then(
      () => undefined,
      (reason) => reason,
    )
    if (!(error instanceof RowkeeperError) || !isRefusal(error)) continue
    const { message, hint } = error
    findings.push({ id, severity: 'error', evidence: `${message} The run is to wait for it.`, fix: hint })
  }
  return findings
}

function isRefusal({ cause }: RowkeeperError): boolean {
  return cause instanceof DatabaseError && cause.kind === 'permission'
}
