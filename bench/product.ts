import { main } from '../src/cli/main.ts'
import { systemClock } from '../src/lib/clock.ts'
import { systemRandom } from '../src/lib/random.ts'

/** The product as its binary composes it, with its time, CPU and memory told to the parent. */
const begun = performance.now()
const cpu = process.cpuUsage()
const exitCode = await main({
  process,
  clock: systemClock,
  random: systemRandom,
  loadJobs: async () => (await import('../jobs/index.ts')).jobs,
  loadMigrations: async () => (await import('../migrations/index.ts')).controlMigrations,
  reach: async () => {},
})
const used = process.cpuUsage(cpu)
process.send?.({
  exitCode,
  milliseconds: performance.now() - begun,
  cpuMilliseconds: (used.user + used.system) / 1000,
  maximumMegabytes: process.resourceUsage().maxRSS / 1024,
})
process.disconnect?.()
