import { DatabaseError } from '../../../../src/db/errors.ts'
import type { ReadSession } from '../../../../src/db/session.ts'
import type { TableName } from '../../../../src/db/statement.ts'
import { addDigests, type Digest, emptyDigest } from '../../../../src/engine/chunks/digest.ts'
import type { ExecuteContext } from '../../../../src/run/context.ts'
import { digestRows, pagingKey } from '../../exchange/digest-rows.ts'
import type { Extent } from '../../exchange/sql.ts'
import { definitionOf, type LedgerMonth, readMonths } from '../../ledger/months.ts'
import { beginMonth, type MonthOf } from '../../ledger/sql.ts'
import type { Month } from '../../partitions/months.ts'
import type { ArchivePair } from '../../partitions/pairs.ts'
import { archivePlace } from '../../place.ts'
import { copiedColumns } from '../../tables.ts'
import { monthPartitions } from '../month-partitions.ts'
import { type Judgement, judgeMonth, type ReadMonth } from './judge-month.ts'
import { adoptMonth, markVerified, unmarkVerified } from './sql.ts'

/** adopted: what is there was taken as right. changing: it was being written to each time it was read. */
export interface MonthProof {
  readonly table: TableName
  readonly month: Month
  readonly verdict: Judgement['verdict'] | 'adopted' | 'changing'
  readonly because: string | undefined
  readonly found: Digest
  readonly expected: Digest | undefined
}

export interface MonthToProve {
  readonly pair: ArchivePair
  readonly month: Month
  readonly zone: string
  /** Verdicts after which what is there is taken as right. */
  readonly adopted: readonly Judgement['verdict'][]
}

/** A run that moves rows into the month meanwhile changes the ledger with each batch. */
const ATTEMPTS = 3

/**
 * Reads every row of a month in one snapshot with its row of the ledger: no batch comes between the two, so a run need
 * not be kept away. What was found out is written down only while the ledger says what it said in the snapshot.
 */
export async function proveMonth(context: ExecuteContext, asked: MonthToProve): Promise<MonthProof> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const read = await readMonth(context, asked)
    if (read === 'changing') continue
    const judgement = judgeMonth(read)
    const proof = toProof(asked, read, judgement)
    if (!(await writeDown(context, asked, read, judgement))) continue
    if (!asked.adopted.includes(judgement.verdict)) return proof
    if (await adopt(context, asked, read)) return { ...proof, verdict: 'adopted' }
  }
  return {
    ...toProof(asked, { ledger: undefined, digest: emptyDigest, definition: '' }, { verdict: 'nothing' }),
    verdict: 'changing',
    because: 'rows went in or out each time it was read',
  }
}

function toProof(
  { pair, month }: MonthToProve,
  { ledger, digest }: ReadMonth,
  judgement: Judgement,
): MonthProof {
  return {
    table: pair.target.name,
    month,
    verdict: judgement.verdict,
    because: 'because' in judgement ? judgement.because : undefined,
    found: digest,
    expected: ledger?.state === 'open' || ledger?.state === 'held' ? ledger.digest : undefined,
  }
}

/** The table was altered, or the partition went, after the snapshot had begun. */
const changedErrors: readonly (number | undefined)[] = [1412, 1735]

function readMonth(context: ExecuteContext, asked: MonthToProve): Promise<ReadMonth | 'changing'> {
  const { read } = archivePlace(context)
  return read((session) =>
    session
      .snapshot((snapshot) => readInSnapshot(context, asked, snapshot))
      .catch((error) => {
        if (error instanceof DatabaseError && changedErrors.includes(error.number)) return 'changing' as const
        throw error
      }),
  )
}

async function readInSnapshot(
  context: ExecuteContext,
  asked: MonthToProve,
  snapshot: ReadSession,
): Promise<ReadMonth> {
  const { live, target } = asked.pair
  const { control } = archivePlace(context)
  const ledger = (await readMonths(snapshot, control, target.name)).get(asked.month)
  const columns = copiedColumns(live)
  const key = (target.table && pagingKey(target.table)) ?? []
  let digest = emptyDigest
  for (const extent of extentsOf(asked, ledger)) {
    const of = { read: <T>(work: (session: ReadSession) => Promise<T>) => work(snapshot), stop: context.stop }
    digest = addDigests(digest, await digestRows(of, { extent, key, columns }))
  }
  return { ledger, digest, definition: definitionOf(columns) }
}

/**
 * Where the rows of the month are: in its partition, all of it, for what does not belong there must show, and while the
 * month is held in the held table. Rows that come late lie in the partition all the same.
 */
function extentsOf({ pair, zone, month }: MonthToProve, ledger: LedgerMonth | undefined): readonly Extent[] {
  const { name } = pair.target
  const partitions = monthPartitions(pair, zone).filter((partition) => partition.month === month)
  const extents = partitions.map((partition) => ({ table: name, partition: partition.name }))
  if (ledger?.state !== 'held' || ledger.heldTable === undefined) return extents
  return [...extents, { table: { schema: name.schema, table: ledger.heldTable }, partition: undefined }]
}

function ofMonth(context: ExecuteContext, { pair, month }: MonthToProve): MonthOf {
  return { schema: archivePlace(context).control.schema, archive: pair.target.name, month }
}

/** False when the ledger has changed since it was read. */
async function writeDown(
  context: ExecuteContext,
  asked: MonthToProve,
  { ledger }: ReadMonth,
  { verdict }: Judgement,
): Promise<boolean> {
  if (ledger === undefined || (verdict !== 'proven' && verdict !== 'differs')) return true
  const of = ofMonth(context, asked)
  const mark = verdict === 'proven' ? markVerified(of, ledger) : unmarkVerified(of, ledger)
  const { transact } = archivePlace(context)
  const { affectedRows } = await transact(`verify ${asked.month}`, (transaction) => transaction.change(mark))
  return affectedRows === 1
}

/** False when the ledger has changed since it was read. */
function adopt(
  context: ExecuteContext,
  asked: MonthToProve,
  { ledger, digest, definition }: ReadMonth,
): Promise<boolean> {
  const of = ofMonth(context, asked)
  const { runId } = context
  return archivePlace(context).transact(`adopt ${asked.month}`, async (transaction) => {
    const right = { digest, definition }
    if (ledger !== undefined) {
      return (await transaction.change(adoptMonth(of, ledger, { ...right, runId }))).affectedRows === 1
    }
    // A run that begins the month at this moment may be faster; its row is then left as it is, and does not match.
    await transaction.change(beginMonth(of, { state: 'open', ...right, runId }))
    return (await transaction.change(markVerified(of, right))).affectedRows === 1
  })
}
