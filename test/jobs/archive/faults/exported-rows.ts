import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { archiveTable } from './look.ts'
import type { TruthTable } from './tables.ts'

/** The rows of one table in all files of a folder, each as `look` writes its content. */
export async function readExportedRows(folder: string, table: TruthTable): Promise<ReadonlySet<string>> {
  const names = (await readdir(folder)).filter(
    (name) => name.includes(`.${archiveTable(table)}.`) && name.endsWith('.ndjson.gz'),
  )
  const rows = new Set<string>()
  for (const name of names) {
    const text = gunzipSync(await readFile(join(folder, name))).toString('utf8')
    for (const line of text.split('\n')) if (line !== '') rows.add(toContent(JSON.parse(line), table))
  }
  return rows
}

function toContent(row: Readonly<Record<string, string | null>>, { columns }: TruthTable): string {
  const cells = columns.map((column) => {
    const value = row[column] ?? null
    return value === null ? '-' : Buffer.from(value).toString('hex').toUpperCase()
  })
  return cells.join('|')
}
