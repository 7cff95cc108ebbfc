import { databaseConfig } from '../../src/config/schema.ts'
import { createStopControl } from '../../src/lib/abort.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/random.ts'
import { tableFiles } from '../../src/output/table-files.ts'
import type { NamedDatabase } from '../../src/run/control-writer.ts'
import type { RunEvent } from '../../src/run/events.ts'
import type { Surroundings } from '../../src/run/launch.ts'

/** A process as the composition root describes it; `holder` stands for one host among several. */
export function surroundings(
  holder = 'ops@alpha:1',
  emit: (event: RunEvent) => void = () => {},
): Surroundings {
  return {
    clock: systemClock,
    random: systemRandom,
    host: { holder, mayBeAlive: () => true },
    control: createStopControl(systemClock, 20_000),
    emit,
    warnings: [],
    files: tableFiles,
    reach: async () => {},
  }
}

export function testDatabase(url: string, more: Readonly<Record<string, unknown>> = {}): NamedDatabase {
  return { name: 'shop', config: databaseConfig.parse({ url, ...more }) }
}
