import { readHistoryLength, readReplicaLagMs, readThreadsRunning } from '../../src/db/load.ts'
import type { ReadSession } from '../../src/db/session.ts'
import { createPace, type Pace, type Sensor } from '../../src/engine/pace.ts'
import { formatCount, formatDuration } from '../../src/lib/units.ts'
import type { ExecuteContext, PlanContext, Read } from '../../src/run/context.ts'
import type { JobSettings } from '../../src/run/job.ts'
import type { ArchiveConfig } from './config.ts'

/** What the run waits for: the load of the servers it writes to, and the lag of the replica that is configured. */
export function createThrottle(context: ExecuteContext, { options }: JobSettings<ArchiveConfig>): Pace {
  const { clock, stop, emit } = context
  return createPace({
    sensors: listSensors(context, options.throttle),
    clock,
    stop,
    onThrottled: (reason) => emit({ type: 'stepThrottled', step: 'moving rows', reason }),
  })
}

type Limits = ArchiveConfig['throttle']

export function listSensors(context: PlanContext, limits: Limits): readonly Sensor[] {
  const { destination, readReplica } = context
  return [
    ...loadSensors('', context.read, limits),
    ...(destination === undefined ? [] : loadSensors(' of the archive server', destination.read, limits)),
    ...(readReplica === undefined ? [] : [lagSensor(readReplica, limits)]),
  ]
}

function loadSensors(where: string, read: Read, limits: Limits): readonly Sensor[] {
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

function lagSensor(read: Read, { maxReplicaLag }: Limits): Sensor {
  return {
    name: 'replica lag',
    limit: maxReplicaLag,
    describe: formatDuration,
    read: () => read(readReplicaLagMs),
  }
}
