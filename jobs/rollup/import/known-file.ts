import type { ReadSession } from '../../../src/db/session.ts'
import type { Control } from '../../../src/run/context.ts'
import { type Content, hashOf, TAIL_BYTES } from './content.ts'
import { inputChanged } from './errors.ts'
import { selectFiles } from './sql.ts'

/** How much of a file or stream was counted before. */
export interface KnownFile {
  readonly id: string
  readonly name: string
  readonly doneBytes: number
  readonly doneLines: number
}

/**
 * The same content under any name, plain or compressed, also when it has grown since. Told by its first bytes and by those
 * before the place where counting goes on; a stream, by its batch id and the same.
 *
 * @throws RowkeeperError `rollup.inputChanged`
 */
export async function findKnown(
  session: Pick<ReadSession, 'rows'>,
  { schema, isInstalled, missingTables }: Control,
  {
    job,
    batchId,
    content,
  }: { readonly job: string; readonly batchId: string | undefined; readonly content: Content },
): Promise<(KnownFile & { readonly tailHash: string }) | undefined> {
  if (!isInstalled || missingTables.length > 0) return undefined
  for (const row of await session.rows(selectFiles(schema, job, batchId))) {
    const headBytes = Number(row.head_bytes)
    const isSame =
      batchId !== undefined ||
      (headBytes <= content.head.length && hashOf(content.head.subarray(0, headBytes)) === row.head_hash)
    if (!isSame) continue
    return {
      id: String(row.id),
      name: String(row.name),
      doneBytes: Number(row.done_bytes),
      doneLines: Number(row.done_lines),
      tailHash: String(row.tail_hash),
    }
  }
  return undefined
}

/** A file is looked at before the place where counting goes on. What is shorter than that has nothing new. */
export async function checkTail(
  content: Content,
  { doneBytes, tailHash }: { readonly doneBytes: number; readonly tailHash: string },
): Promise<void> {
  if (content.bytes === undefined || content.bytes < doneBytes || tailHash === '') return
  const from = Math.max(0, doneBytes - TAIL_BYTES)
  const parts: Buffer[] = []
  let missing = doneBytes - from
  for await (const chunk of content.chunks(from)) {
    parts.push(chunk.subarray(0, missing))
    missing -= Math.min(missing, chunk.length)
    if (missing === 0) break
  }
  if (hashOf(Buffer.concat(parts)) !== tailHash) throw inputChanged(content.name, doneBytes)
}
