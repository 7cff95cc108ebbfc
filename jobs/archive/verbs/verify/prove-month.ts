import type { TableName } from '../../../../src/db/statement.ts'
import { type Digest, emptyDigest } from '../../../../src/engine/chunks/digest.ts'
import type { ExecuteContext } from '../../../../src/run/context.ts'
import { beginMonth, type MonthOf } from '../../ledger/sql.ts'
import type { Month } from '../../partitions/months.ts'
import { archivePlace } from '../../place.ts'
import { type Judgement, judgeMonth, type ReadMonth } from './judge-month.ts'
import { type MonthToRead, readMonth } from './read-month.ts'
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

export interface MonthToProve extends MonthToRead {
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
