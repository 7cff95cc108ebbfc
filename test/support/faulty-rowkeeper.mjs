// The product with one fault in it: ROWKEEPER_FAULT=<point>:<fault>@<n>, at the n-th time the point is reached.
//   kill   the process is gone at once, as after kill -9 or a power cut
//   hang   never goes on; says so on stderr, then it is for the test to send signals
//   wait   says so on stderr and goes on at SIGUSR2
//   throw  an error that nobody foresaw
import { main } from '../../dist/src/cli/main.js'
import { systemClock } from '../../dist/src/lib/clock.js'
import { systemRandom } from '../../dist/src/lib/random.js'

const [, point, fault, count] =
  /^(.+):(kill|hang|wait|throw)@(\d+)$/.exec(process.env.ROWKEEPER_FAULT ?? '') ?? []
let reached = 0

process.exitCode = await main({
  process,
  clock: systemClock,
  random: systemRandom,
  loadJobs: async () => (await import('../../dist/jobs/index.js')).jobs,
  loadMigrations: async () => (await import('../../dist/migrations/index.js')).controlMigrations,
  async reach(name) {
    if (name !== point) return
    reached += 1
    if (reached === Number(count)) await happen(fault)
  },
})

async function happen(fault) {
  if (fault === 'throw') throw new Error(`injected at ${point}`)
  if (fault === 'kill') process.kill(process.pid, 'SIGKILL')
  // Keeps the process alive: neither must look like an end.
  const alive = setInterval(() => {}, 60_000)
  await new Promise((resolve) => {
    if (fault === 'wait') process.once('SIGUSR2', resolve)
    // Said last: who hears it may stop this process at once.
    process.stderr.write(`${fault}ing at ${point}\n`)
  })
  clearInterval(alive)
}
