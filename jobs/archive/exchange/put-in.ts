import { toControlTime } from '../../../src/db/date-time.ts'
import { readServerTime } from '../../../src/db/server.ts'
import { type Digest, emptyDigest, sameDigest } from '../../../src/engine/chunks/digest.ts'
import { addToMonth } from '../ledger/sql.ts'
import { changeOne, writeMonth } from '../ledger/write-month.ts'
import { digestRows } from './digest-rows.ts'
import { drainRows } from './drain-rows.ts'
import { type Exchange, heldExtent, note, partitionOf } from './exchange.ts'
import { dropEmptyHeld } from './held-table.ts'
import { type Extent, exchangePartition } from './sql.ts'
import { differentOr } from './take-out.ts'

/** What the month must hold from now on. Nobody writes to the held table, so this is what left the live one. */
export async function prove(exchange: Exchange): Promise<void> {
  const digest = await digestExtent(exchange, heldExtent(exchange))
  await note(exchange, { digest })
  await exchange.scene.context.reach('archive.exchange-proven')
}

function digestExtent({ place, archive, key, scene }: Exchange, extent: Extent): Promise<Digest> {
  const { stop } = scene.context
  return digestRows({ read: place.read, stop }, { extent, key, columns: archive.columns })
}

/** The held table for the empty partition. Rows that somebody put there meanwhile would come back in the held table. */
export async function putIn(exchange: Exchange): Promise<'in' | 'different'> {
  const { place, archive, held, scene } = exchange
  const of = { table: archive.archive, partition: partitionOf(archive) }
  const label = `putting ${archive.of.month} into ${of.table.schema}.${of.table.table}`
  const put = await place
    .define(label, (session) => session.change(exchangePartition(of, held)), { tables: [of.table] })
    .then(() => 'in' as const, differentOr)
  await scene.context.reach('archive.exchange-put-in')
  return put
}

/**
 * Copies the held rows in batches, where they cannot go in as a whole: the two tables are unlike, or the partition holds
 * rows already. Those that the ledger does not know of make the month unproven.
 */
export async function drain(exchange: Exchange): Promise<{ rows: number; isProven: boolean }> {
  const { scene, place, archive, key } = exchange
  const { runId, stop } = scene.context
  const { of, columns } = archive
  const to: Extent = { table: archive.archive, partition: partitionOf(archive) }
  const isProven = await accountForPartition(exchange, await digestExtent(exchange, to))
  const rows = await drainRows(
    { stop, pace: scene.pace, place },
    {
      from: heldExtent(exchange),
      to,
      key,
      columns,
      batchRows: scene.settings.options.batch.rows,
      account: (transaction, moved) => changeOne(transaction, of, addToMonth(of, moved, runId)),
    },
  )
  return { rows, isProven }
}

/** Until now the ledger may speak of the held rows, which the batches are to account for one by one. */
async function accountForPartition(exchange: Exchange, found: Digest): Promise<boolean> {
  const { ledger } = exchange.archive
  if (ledger?.state === 'unproven') return false
  if (ledger !== undefined && sameDigest(found, ledger.digest)) return true
  const isProven = found.rows === 0n
  await note(exchange, { state: isProven ? 'exchanging' : 'unproven', digest: emptyDigest })
  return isProven
}

/** Proves the month where it lies now, and puts the held table away. */
export async function close(exchange: Exchange): Promise<'proven' | 'unproven'> {
  const { scene, place, archive, held } = exchange
  const { runId, reach } = scene.context
  const found = await digestExtent(exchange, {
    table: archive.archive,
    partition: partitionOf(archive),
  })
  const isSame = archive.ledger !== undefined && sameDigest(found, archive.ledger.digest)
  if (!(await dropEmptyHeld(place, held))) return 'unproven'
  await reach('archive.exchange-held-dropped')
  await place.transact(`close ${archive.of.month}`, async (transaction) => {
    const verifiedAt = isSame ? toControlTime(await readServerTime(transaction)) : null
    const change = { state: isSame ? 'open' : 'unproven', heldTable: null, verifiedAt } as const
    await writeMonth(transaction, archive.of, { change, runId })
  })
  await reach('archive.exchange-closed')
  return isSame ? 'proven' : 'unproven'
}

/** The held table of an unproven month, once it is empty. */
export async function letGo(exchange: Exchange): Promise<void> {
  if (await dropEmptyHeld(exchange.place, exchange.held)) await note(exchange, { heldTable: null })
}
