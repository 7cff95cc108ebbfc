import type { ThrottleLimits } from '../config/throttle.ts'
import { readHistoryLength, readReplicaLagMs, readThreadsRunning } from '../db/load.ts'
import type { ReadSession } from '../db/session.ts'
import { createPace, type Pace, type Sensor } from '../engine/pace.ts'
import { formatCount, formatDuration } from '../lib/units.ts'
import type { ExecuteContext, PlanContext, Read } from './context.ts'

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

export function listSensors(context: PlanContext, limits: ThrottleLimits): readonly Sensor[] {
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
