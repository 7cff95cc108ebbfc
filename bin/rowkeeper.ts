#!/usr/bin/env node
import { main } from '../src/cli/main.ts'
import { systemClock } from '../src/lib/clock.ts'
import { systemRandom } from '../src/lib/random.ts'

// The composition root: the process, the system's clock and randomness, the jobs and the control tables' history.
process.exitCode = await main({
  process,
  clock: systemClock,
  random: systemRandom,
  loadJobs: async () => (await import('../jobs/index.ts')).jobs,
  loadMigrations: async () => (await import('../migrations/index.ts')).controlMigrations,
  reach: async () => {},
})
