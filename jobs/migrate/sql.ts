import { raw, type Statement, sql, statement, type TableName, tableId } from '../../src/db/statement.ts'

export function alterTable(name: TableName, clauses: string): Statement {
  return statement('migrate.alter-table', sql`ALTER TABLE ${tableId(name)} ${raw(clauses)}`)
}

export function dropTable(name: TableName): Statement {
  return statement('migrate.drop-table', sql`DROP TABLE IF EXISTS ${tableId(name)}`)
}

/** Else the first statements after the swap would be planned without statistics. Not for the binary log. */
export function analyzeTable(name: TableName): Statement {
  return statement('migrate.analyze', sql`ANALYZE NO_WRITE_TO_BINLOG TABLE ${tableId(name)}`)
}

export function selectAny(name: TableName): Statement {
  return statement('migrate.select-any', sql`SELECT 1 AS found FROM ${tableId(name)} LIMIT 1`)
}

export function selectTriggerTrust(): Statement {
  return statement('migrate.select-trigger-trust', raw('SELECT @@log_bin_trust_function_creators AS trust'))
}
