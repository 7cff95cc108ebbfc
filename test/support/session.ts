import { createConnection, type ResultSetHeader } from 'mysql2/promise'
import type { TestRow } from './database.ts'

/** A further session, for what another client does meanwhile: open transactions, held locks. */
export interface TestSession {
  query(sql: string, values?: readonly unknown[]): Promise<TestRow[]>
  change(sql: string, values?: readonly unknown[]): Promise<{ readonly affectedRows: number }>
  close(): Promise<void>
}

export async function openSession(url: string): Promise<TestSession> {
  const connection = await createConnection({ uri: url, dateStrings: true, timezone: 'Z' })
  return {
    async query(sql, values = []) {
      const [rows] = await connection.query(sql, [...values])
      return Array.isArray(rows) ? (rows as TestRow[]) : []
    },
    async change(sql, values = []) {
      const [{ affectedRows }] = await connection.query<ResultSetHeader>(sql, [...values])
      return { affectedRows }
    },
    close: () => connection.end(),
  }
}
