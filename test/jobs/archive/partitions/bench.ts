import { type Age, type AgeOptions, toAge } from '../../../../jobs/archive/partitions/age.ts'
import { planPartitionChanges, type SplitReason } from '../../../../jobs/archive/partitions/changes.ts'
import { type ArchiveTablePlan, planArchiveTable } from '../../../../jobs/archive/partitions/create.ts'
import type { Month } from '../../../../jobs/archive/partitions/months.ts'
import { interpret, type MonthlyTable } from '../../../../jobs/archive/partitions/partition-map.ts'
import { changePartitions } from '../../../../jobs/archive/partitions/sql.ts'
import { findColumn, findPrimaryKey, readTable, type TableDefinition } from '../../../../src/db/catalog.ts'
import { readCreateTable } from '../../../../src/db/create-table.ts'
import { readPartitions } from '../../../../src/db/partitions.ts'
import type { Statement } from '../../../../src/db/statement.ts'
import { withWriter } from '../../../db/open.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { testServer } from '../../../support/test-server.ts'

/** Months begin in Seoul, nine hours before they do in UTC. */
export const zone = 'Asia/Seoul'

/** A live table, its age, and the statements by which its archive table comes to be. */
export interface Bench {
  readonly age: Age
  readonly source: TableDefinition
  /** `createText`: how another server says what the live table is. */
  plan(months: readonly Month[], createText?: string): Promise<ArchiveTablePlan>
  send(statements: readonly Statement[]): Promise<void>
  archive(): Promise<TableDefinition>
  months(): Promise<MonthlyTable>
  /** Adds and splits as planned; says what was done. */
  makeRoom(months: readonly Month[], through: Month): Promise<readonly ('add' | SplitReason)[]>
}

/** On the table `orders` of the database; `orders_archive` is its archive table. */
export async function withBench(
  database: TestDatabase,
  options: Partial<AgeOptions>,
  work: (bench: Bench) => Promise<void>,
): Promise<void> {
  await withWriter(database.url, async (writer, { read }) => {
    const live = { schema: database.name, table: 'orders' }
    const target = { schema: database.name, table: 'orders_archive' }
    const source = required(await read((session) => readTable(session, live)))
    const column = required(findColumn(source, 'created_at'))
    const age = orThrow(toAge(column, { unit: undefined, columnZone: zone, ...options }))
    const send = async (statements: readonly Statement[]) => {
      for (const statement of statements) await writer.use((session) => session.change(statement))
    }
    const partitions = async () => required(await read((session) => readPartitions(session, target)))
    const months = async () => orThrow(interpret(await partitions(), age, zone))
    await work({
      age,
      source,
      send,
      months,
      archive: async () => required(await read((session) => readTable(session, target))),
      async plan(wanted, text) {
        const createText = text ?? (await read((session) => readCreateTable(session, live)))
        const key = required(findPrimaryKey(source))
        const { family } = testServer()
        return orThrow(
          planArchiveTable({ source, createText, age, key, months: wanted, zone, target, family }),
        )
      },
      async makeRoom(wanted, through) {
        const map = await partitions()
        const changes = planPartitionChanges({ map, months: wanted, through, age, zone })
        const layout = await months()
        await send(changes.map((change) => changePartitions(target, change, layout)))
        return changes.map((change) => (change.type === 'add' ? 'add' : change.reason))
      },
    })
  })
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not there')
  return value
}

function orThrow<T extends object>(value: T | { readonly problem: string }): T {
  if ('problem' in value) throw new Error(value.problem)
  return value
}
