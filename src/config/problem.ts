import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import { plural } from '../lib/units.ts'

/** Where something stands in the configuration: keys, and numbers for places in a list. */
export type Path = readonly (string | number)[]

/** A problem before its line is known. */
export interface Finding {
  readonly path: Path
  readonly message: string
}

export interface Problem {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly column: number
  /** `jobs.payments.grace`; empty for the file as a whole. */
  readonly path: string
  readonly message: string
}

export interface Warning {
  readonly code: string
  readonly message: string
}

/** Everything wrong with one configuration, found in one go. Exit 78. */
export class ConfigError extends RowkeeperError {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super({
      code: 'config.invalid',
      message: [
        `The configuration has ${plural(problems.length, 'problem')}:`,
        ...problems.map(formatProblem),
      ].join('\n'),
      hint: 'Correct the file, then run: rowkeeper config check',
      exitCode: exitCodes.badConfiguration,
    })
    this.problems = problems
  }
}

/** `rowkeeper.yaml:14 jobs.payments.grcae: unknown key; did you mean "grace"?` */
export function formatProblem({ file, line, path, message }: Problem): string {
  return path === '' ? `${file}:${line} ${message}` : `${file}:${line} ${path}: ${message}`
}

/** `services.pay.lookup.temporary[0].status` */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? part : `${text}.${part}`
  }, '')
}
