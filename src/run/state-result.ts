import type { Report } from './report.ts'

/** rowkeeper's own tables of one database, as they are after the command. */
export interface StateResult {
  readonly schemaVersion: 1
  readonly database: string
  readonly schema: string
  /**
   * incomplete: some tables are there · outdated: an older rowkeeper made them · newer: a newer one did, and this
   * version may not touch them.
   */
  readonly status: 'missing' | 'incomplete' | 'outdated' | 'installed' | 'newer'
  readonly missingTables: readonly string[]
  /** Migrations in effect, in order. */
  readonly applied: readonly string[]
  readonly pending: readonly string[]
  /** What this command did: migrations applied or taken back. */
  readonly changed: readonly string[]
}

export interface StateEnded {
  readonly result: StateResult
  readonly report: Report
}

export function describeState(result: StateResult): Report {
  const { database, schema, status, missingTables, applied, pending, changed } = result
  const facts = [
    { label: 'Database', value: database },
    { label: 'Schema', value: schema },
    { label: 'Missing tables', value: missingTables.join(', ') },
    { label: 'In effect', value: applied.join(', ') },
    { label: 'Not yet applied', value: pending.join(', ') },
    { label: 'Changed just now', value: changed.join(', ') },
  ].filter(({ value }) => value !== '')
  const lines = nextSteps[status]
  return {
    headline: headlines[status],
    sections: [{ type: 'facts', facts }, ...(lines.length === 0 ? [] : [{ type: 'lines' as const, lines }])],
  }
}

const headlines: Record<StateResult['status'], string> = {
  missing: "rowkeeper's own tables are not installed.",
  incomplete: "Some of rowkeeper's own tables are missing.",
  outdated: "rowkeeper's own tables are of an older version.",
  installed: "rowkeeper's own tables are installed.",
  newer: "rowkeeper's own tables were made by a newer version.",
}

const nextSteps: Record<StateResult['status'], readonly string[]> = {
  missing: ['Install them with: rowkeeper state install'],
  incomplete: ['Complete them with: rowkeeper state install'],
  outdated: ['Bring them up to date with: rowkeeper state install'],
  installed: [],
  newer: ['Use the newer rowkeeper on every host.'],
}
