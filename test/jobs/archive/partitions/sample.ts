import type { Age } from '../../../../jobs/archive/partitions/age.ts'
import type { Column, Index, TableDefinition } from '../../../../src/db/catalog.ts'
import type { PartitionMap } from '../../../../src/db/partitions.ts'

/** A NOT NULL column as the catalogue has it; text is utf8mb4. */
export function column(columnType: string, more: Partial<Column> = {}): Column {
  const dataType = /^[a-z]+/.exec(columnType)?.[0] ?? ''
  const isText = /char|text|enum|set/.test(dataType)
  return {
    name: 'created_at',
    dataType,
    columnType,
    isNullable: false,
    isInvisible: false,
    isGenerated: false,
    generation: 'none',
    isAutoIncrement: false,
    hasDefault: false,
    defaultText: undefined,
    onUpdateNow: false,
    maximumLength: undefined,
    characterSet: isText ? 'utf8mb4' : undefined,
    collation: isText ? 'utf8mb4_general_ci' : undefined,
    ...more,
  }
}

export function index(name: string, columns: readonly string[], more: Partial<Index> = {}): Index {
  return {
    name,
    isUnique: name === 'PRIMARY',
    kind: 'btree',
    columns,
    parts: columns.map((part) => ({ column: part, prefixLength: undefined, isDescending: false })),
    ...more,
  }
}

export function table(name: string, columns: readonly Column[], indexes: readonly Index[]): TableDefinition {
  return {
    name: { schema: 'shop', table: name },
    engine: 'InnoDB',
    options: { rowFormat: 'Dynamic', collation: 'utf8mb4_general_ci', createOptions: '' },
    columns,
    indexes,
    estimatedRows: 0,
    autoIncrement: undefined,
    hash: '',
  }
}

export const date: Age = { column: column('date'), kind: 'date' }
export const timestamp: Age = { column: column('timestamp'), kind: 'timestamp' }
export const seconds: Age = { column: column('int(10) unsigned'), kind: 'epoch', unit: 'seconds' }
export const milliseconds: Age = { column: column('bigint(20)'), kind: 'epoch', unit: 'milliseconds' }

export function datetime(zone: string, columnType = 'datetime'): Age {
  return { column: column(columnType), kind: 'datetime', zone }
}

/** Partitions by name and upper bound, in order; no bound is MAXVALUE. */
export function mapOf(
  bounds: Readonly<Record<string, string | undefined>>,
  more: Partial<PartitionMap> = {},
): PartitionMap {
  return {
    method: 'RANGE COLUMNS',
    expression: 'created_at',
    hasSubpartitions: false,
    partitions: Object.entries(bounds).map(([name, upperBound], at) => ({
      name,
      position: at + 1,
      upperBound,
      estimatedRows: 1000,
      dataBytes: 300,
      indexBytes: 100,
    })),
    ...more,
  }
}
