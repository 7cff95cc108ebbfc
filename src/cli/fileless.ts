import type { Fileless } from '../run/job.ts'
import type { Handler, Invocation } from './shell.ts'
import { usageError } from './usage-error.ts'

/** Where the database is when no file says it. Kept out of the process list by its twin, ROWKEEPER_URL. */
const URL_VARIABLE = 'ROWKEEPER_URL'

export interface FilelessKind {
  readonly kind: string
  readonly fileless: Fileless
}

/**
 * A command that takes the name of a configured job, or, where a URL is given, the name of a table. Then a configuration of
 * one database and one job, named after the table, is made from the flags, and everything goes on as with a file.
 */
export function orWithoutFile(handler: Handler, command: string, { kind, fileless }: FilelessKind): Handler {
  return async (invocation) => {
    const options = textsOf(invocation.options)
    const asked = options.measure === undefined ? command : fileless.measuring
    if (options.url === undefined)
      return handler({ ...invocation, ...ofFile(invocation, command, { kind, fileless }) })
    const table = readTable(invocation, options)
    const name = isJobName(table) ? table : ANY_JOB
    const { keys, environment } = shield(fileless.keys({ ...options, table }, asked))
    const job = { kind, database: 'main', ...keys }
    warnOfPassword(invocation, options.url)
    return handler({
      ...invocation,
      kind,
      arguments: { ...invocation.arguments, job: name },
      configuration: {
        text: JSON.stringify({
          version: 1,
          databases: { main: { url: `\${env:${URL_VARIABLE}}` } },
          jobs: { [name]: job },
        }),
        name: 'the command line',
        control: fileless.beginning.includes(asked) ? 'made' : 'required',
        environment: { ...invocation.shell.process.env, ...environment, [URL_VARIABLE]: options.url },
      },
    })
  }
}

/** A job may not be called as every table may. */
const ANY_JOB = 'migration'

function isJobName(table: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(table)
}

/** What was typed is taken as it is: a `${env:…}` in it is no reference of a configuration. */
function shield(keys: Readonly<Record<string, unknown>>): {
  readonly keys: Readonly<Record<string, unknown>>
  readonly environment: Readonly<Record<string, string>>
} {
  const texts = Object.entries(keys).filter((entry): entry is [string, string] =>
    String(entry[1]).includes('${'),
  )
  const variable = (key: string) => `ROWKEEPER_GIVEN_${key}`
  return {
    keys: { ...keys, ...Object.fromEntries(texts.map(([key]) => [key, `\${env:${variable(key)}}`])) },
    environment: Object.fromEntries(texts.map(([key, text]) => [variable(key), text])),
  }
}

function ofFile(
  { arguments: { job }, options }: Invocation,
  command: string,
  { kind, fileless }: FilelessKind,
): Pick<Invocation, 'kind' | 'overrides'> {
  if (job !== undefined) return { kind, overrides: fileless.overrides(textsOf(options)) }
  throw usageError(
    `${kind} ${command} needs the name of a job of the configuration, or --url and --table.`,
    `rowkeeper ${kind} ${command} --help`,
  )
}

/** The table may stand where the job stands otherwise: what a result says to run next then works as it is. */
function readTable({ arguments: { job } }: Invocation, { table }: Readonly<Record<string, string>>): string {
  if (job !== undefined && table !== undefined && job !== table)
    throw usageError(
      `With a URL the table is named once: ${job} or ${table}?`,
      `Leave one out. A job of the configuration needs no --url, and ${URL_VARIABLE} must not be set then.`,
    )
  const name = table ?? job
  if (name !== undefined) return name
  throw usageError('With a URL the table must be named: --table.', 'rowkeeper migrate run --help')
}

/** In the arguments everybody on the machine can read it. */
function warnOfPassword({ shell: { process } }: Invocation, url: string): void {
  const isInWords = process.argv.some((word) => word.includes(url))
  if (!isInWords || !/^[^:]+:\/\/[^/@]*:[^/@]+@/.test(url)) return
  process.stderr.write(
    `warning: a password in --url can be read in the process list; set ${URL_VARIABLE} instead (config.inlineSecret)\n`,
  )
}

function textsOf(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )
}
