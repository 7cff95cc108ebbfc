import { describeFindings, diagnose, exitCodeOf } from '../../run/doctor.ts'
import { launchJob, openDesk } from '../desk.ts'
import { printReport } from '../print.ts'
import type { Handler } from '../shell.ts'

export const doctor: Handler = async (invocation) => {
  const { jobs, shell, globals } = invocation
  const desk = await openDesk(invocation)
  const { config } = desk.loaded
  const { job } = invocation.arguments
  const names = job === undefined ? Object.keys(config.jobs) : [job]
  const findings = await diagnose({
    config,
    surroundings: desk.surroundings,
    migrations: await shell.loadMigrations(),
    launches: names.map((name) => launchJob(desk, { jobs }, name, undefined)),
    scope: job === undefined ? 'all' : 'launches',
  })
  await printReport(desk, globals, describeFindings(findings), findings)
  return exitCodeOf(findings)
}
