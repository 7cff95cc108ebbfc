import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import type { Settings } from '../tables.ts'

export function inputMissing(path: string): RowkeeperError {
  return new RowkeeperError({
    code: 'rollup.inputMissing',
    message: `${path} is no file that can be read.`,
    hint: 'Check the path. For standard input write - and name it with --batch-id.',
    effect: 'none',
    exitCode: exitCodes.inputMissing,
  })
}

export function brokenArchive(name: string, cause: unknown): RowkeeperError {
  return new RowkeeperError({
    code: 'rollup.inputBroken',
    message: `${name} cannot be unpacked to its end: ${cause instanceof Error ? cause.message : cause}.`,
    hint: 'Fetch the file again, check it with gzip -t, and import it then.',
    effect: name === 'standard input' ? 'partial' : 'none',
    exitCode: exitCodes.badInput,
    cause,
  })
}

export function binaryInput(name: string): RowkeeperError {
  return new RowkeeperError({
    code: 'rollup.inputBinary',
    message: `${name} is not text: its first lines hold NUL bytes, or are not UTF-8.`,
    hint: 'Files are text with one event in each line, plain or compressed with gzip.',
    effect: 'none',
    exitCode: exitCodes.badInput,
  })
}

export function inputChanged(name: string, bytes: number): RowkeeperError {
  return new RowkeeperError({
    code: 'rollup.inputChanged',
    message: `${name} begins like a file that was counted up to byte ${bytes}, but what stands before that place is something else now.`,
    hint: 'A log only grows at its end. If it is another log, give it lines of its own at the beginning.',
    effect: 'none',
    exitCode: exitCodes.badInput,
  })
}

export function batchIdNeeded({ job }: Settings): RowkeeperError {
  return new RowkeeperError({
    code: 'usage.batchIdNeeded',
    message: 'Standard input has no name by which it would be known when it comes again.',
    hint: `rowkeeper rollup import ${job} - --batch-id ID, with another ID for every new batch`,
    exitCode: exitCodes.usage,
  })
}

export function linesNeeded({ job }: Settings): RowkeeperError {
  return new RowkeeperError({
    code: 'rollup.linesNeeded',
    message: `Nothing says how lines become events of ${job}: jobs.${job}.lines is missing.`,
    hint: `Set jobs.${job}.lines, then run: rowkeeper config check`,
    exitCode: exitCodes.badConfiguration,
  })
}

export function notWithRecompute({ job }: Settings): RowkeeperError {
  return new RowkeeperError({
    code: 'rollup.importRefused',
    message: `Runs of ${job} set counters to what its table of events says (recompute), and would set what is imported to nothing.`,
    hint: `Give files a job of their own, with another counter table: rowkeeper config check`,
    exitCode: exitCodes.refused,
  })
}
