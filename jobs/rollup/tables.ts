import type { Column, TableDefinition } from '../../src/db/catalog.ts'
import type { TableName } from '../../src/db/statement.ts'
import { exitCodes, RowkeeperError } from '../../src/lib/errors.ts'
import type { JobSettings } from '../../src/run/job.ts'
import type { EventTime } from './buckets/event-time.ts'
import type { BucketSize } from './buckets/sizes.ts'
import type { RollupConfig } from './config.ts'
import type { Measure } from './measures.ts'

/** Every table of the job as the catalogue has it. */
export interface Tables {
  /** Undefined for a job that only imports files. */
  readonly source: SourceTable | undefined
  readonly counters: CounterTable
  readonly total: TotalTable | undefined
  /** Where values that were met are remembered; undefined when nothing asks for it. */
  readonly seen: SeenTable | undefined
}

export interface SourceTable {
  readonly table: TableDefinition
  /** The primary key, or what the configuration names instead: events are read in its order. */
  readonly key: readonly Column[]
  /** The index that holds the key. */
  readonly keyIndex: string
  readonly time: EventTime
  /** In the order of `counters.group`. */
  readonly group: readonly Column[]
  /** For the measures that sum a column, in their order. */
  readonly sums: readonly Column[]
  /** For the measures of different values, in their order. */
  readonly uniques: readonly Column[]
  readonly agent: Column | undefined
  readonly viewer: Column | undefined
}

/** One counter for every group, series, size and start of a bucket. */
export interface CounterTable {
  readonly name: TableName
  /** Undefined when it is still to be made. */
  readonly table: TableDefinition | undefined
  readonly group: readonly GroupColumn[]
  /** Bots are a series of their own: the key has a column for it. */
  readonly hasSeries: boolean
  readonly sizes: readonly [BucketSize, ...BucketSize[]]
  /** The zone whose clock the buckets begin by. */
  readonly zone: string
  readonly measures: readonly Measure[]
  readonly uniques: 'exact' | 'estimated'
  /** Digits behind the point of the measures that sum a column, in their order. */
  readonly scales: readonly number[]
}

export interface GroupColumn {
  readonly name: string
  /** What its values are read as and written from: the event's column, else the counter's own. */
  readonly column: Column
}

/** The objects' own table, with running totals. */
export interface TotalTable {
  readonly table: TableDefinition
  readonly key: Column
  /** The position in the group of the value that is this key. */
  readonly groupPosition: number
  readonly columns: readonly { readonly column: Column; readonly measure: Measure }[]
}

export interface SeenTable {
  readonly name: TableName
  readonly table: TableDefinition | undefined
}

export interface TableProblem {
  readonly id: string
  readonly evidence: string
  readonly fix: string
}

export type ResolvedTables = { readonly tables: Tables } | { readonly problems: readonly TableProblem[] }

export type Settings = JobSettings<RollupConfig>

/** For what needs events of a table. */
export function requireSource({ source }: Tables, { job }: Settings): SourceTable {
  if (source !== undefined) return source
  throw new RowkeeperError({
    code: 'rollup.noSource',
    message: `${job} has no table of events (jobs.${job}.source), so there is nothing to read.`,
    hint: `Files are counted with: rowkeeper rollup import ${job} FILE`,
    exitCode: exitCodes.usage,
  })
}

export function scaleOf({ dataType, columnType }: Column): number {
  return dataType === 'decimal' ? Number(/,\s*(\d+)\)/.exec(columnType)?.[1] ?? 0) : 0
}

export function correct(job: string, key: string): string {
  return `Correct jobs.${job}.${key} in the configuration, then run: rowkeeper config check`
}
