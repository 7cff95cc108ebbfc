import { exitCodes } from '../../lib/errors.ts'
import { controlSchemaOf } from '../../run/settings.ts'
import { installState, type StateOptions, stateStatus, uninstallState } from '../../run/state.ts'
import type { StateEnded } from '../../run/state-result.ts'
import { chooseDatabase } from '../choose-database.ts'
import { confirmByName } from '../confirm.ts'
import { openDesk } from '../desk.ts'
import { printReport } from '../print.ts'
import type { Handler } from '../shell.ts'

export const install = stateCommand((options) => installState(options))

export const status = stateCommand((options) => stateStatus(options))

export const uninstall = stateCommand(async (options, invocation) => {
  const schema = controlSchemaOf(options.database.config)
  const question = `This drops rowkeeper's tables in ${schema}: runs, checkpoints, open cancels, and the audit of every changed row.`
  const { confirm } = invocation.options
  if (typeof confirm === 'string') return uninstallState({ ...options, confirm })
  const confirmed = await confirmByName(invocation, question, schema)
  return uninstallState({ ...options, confirm: confirmed ? schema : undefined })
})

function stateCommand(
  act: (options: StateOptions, invocation: Parameters<Handler>[0]) => Promise<StateEnded>,
): Handler {
  return async (invocation) => {
    const desk = await openDesk(invocation)
    const ended = await act(
      {
        database: chooseDatabase(desk, invocation.options.database),
        surroundings: desk.surroundings,
        migrations: await invocation.shell.loadMigrations(),
      },
      invocation,
    )
    await printReport(desk, invocation.globals, ended.report, ended.result)
    return exitCodes.done
  }
}
