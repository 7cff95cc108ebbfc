import type { ControlMigration } from '../src/db/migrate.ts'
import * as controlTables from './001-control-tables.ts'
import * as archiveTables from './002-archive-tables.ts'
import * as rollupTables from './003-rollup-tables.ts'
import * as migrateTables from './004-migrate-tables.ts'
import * as rollupKept from './005-rollup-kept.ts'
import * as archived from './006-archived.ts'

export const controlMigrations: readonly ControlMigration[] = [
  { name: '001-control-tables', ...controlTables },
  { name: '002-archive-tables', ...archiveTables },
  { name: '003-rollup-tables', ...rollupTables },
  { name: '004-migrate-tables', ...migrateTables },
  { name: '005-rollup-kept', ...rollupKept },
  { name: '006-archived', ...archived },
]
