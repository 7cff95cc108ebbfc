import { exitCodes } from '../../lib/errors.ts'
import { plural } from '../../lib/units.ts'
import { openDesk } from '../desk.ts'
import { printReport } from '../print.ts'
import type { Handler } from '../shell.ts'

export const checkConfig: Handler = async (invocation) => {
  const desk = await openDesk(invocation)
  const { config, warnings } = desk.loaded
  const jobs = Object.keys(config.jobs)
  const report = {
    headline: `${invocation.globals.config} is right: ${plural(jobs.length, 'job')}${jobs.length === 0 ? '' : ` (${jobs.join(', ')})`}.`,
    sections: [],
  }
  await printReport(desk, invocation.globals, report, {
    schemaVersion: 1,
    file: invocation.globals.config,
    jobs,
    warnings,
  })
  return exitCodes.done
}

export const showConfigValues: Handler = async (invocation) => {
  const desk = await openDesk(invocation)
  const { showConfig } = await import('../../config/show.ts')
  const { job } = invocation.arguments
  const rows = showConfig(desk.loaded).filter(
    ({ path }) => job === undefined || path.startsWith(`jobs.${job}.`),
  )
  const report = {
    headline: `Every value in force${job === undefined ? '' : ` of ${job}`}, and where it came from.`,
    sections: [
      {
        type: 'table' as const,
        title: invocation.globals.config,
        columns: ['key', 'value', 'from'].map((name) => ({ name, align: 'left' as const })),
        rows: rows.map(({ path, value, source }) => [
          path,
          typeof value === 'string' ? value : JSON.stringify(value),
          source,
        ]),
      },
    ],
  }
  await printReport(desk, invocation.globals, report, { schemaVersion: 1, values: rows })
  return exitCodes.done
}

export const printSchema: Handler = async ({ shell, jobs }) => {
  const { configJsonSchema } = await import('../../config/json-schema.ts')
  shell.process.stdout.write(
    `${JSON.stringify(configJsonSchema(jobs.map(({ kind, schema }) => ({ kind, schema }))), null, 2)}\n`,
  )
  return exitCodes.done
}
