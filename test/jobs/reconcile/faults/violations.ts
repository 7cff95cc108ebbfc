import { createHash } from 'node:crypto'
import type { LogEntry } from '../../../../src/sandbox/provider/request-log.ts'
import type { TestRow } from '../../../support/database.ts'
import type { ReconcileShop } from '../../../support/reconcile-shop.ts'
import { type Fate, isCancelled, isChanged } from './truth.ts'

/** What of all that must hold after any fault does not: one sentence each; empty when all is well. */
export async function findViolations(
  shop: ReconcileShop,
  fates: readonly Fate[],
): Promise<readonly string[]> {
  const operations = await shop.operations()
  return [
    ...(await wrongEnds(shop, fates)),
    ...wrongCancels(shop, fates),
    ...wrongMutations(shop.provider.state.mutations(), operations),
    ...wrongFixes(await shop.fixes(), fates),
    ...openOperations(operations),
    ...(await leftRunning(shop)),
  ]
}

/** Both sides say what the truth says. */
async function wrongEnds(shop: ReconcileShop, fates: readonly Fate[]): Promise<string[]> {
  const rows = new Map((await shop.rows()).map((row) => [Number(row.id), row]))
  return fates.flatMap(({ finalLocal, finalExternal }, index) => {
    const local = rows.get(index + 1)?.status
    const external = shop.provider.state.payment(`pay_${index + 1}`)?.status
    if (local === finalLocal && external === finalExternal) return []
    return [`payment ${index + 1} ended as ${local}/${external}, not as ${finalLocal}/${finalExternal}`]
  })
}

/** Money moved once where it had to, and nowhere else. */
function wrongCancels({ provider }: ReconcileShop, fates: readonly Fate[]): string[] {
  return fates.flatMap((fate, index) => {
    const moved = provider.state.effectiveCancels(`pay_${index + 1}`).length
    const expected = isCancelled(fate) ? 1 : 0
    return moved === expected ? [] : [`payment ${index + 1} was cancelled ${moved} times, not ${expected}`]
  })
}

/** Every call had its intent written down before, and every repeat was the same call. */
function wrongMutations(log: readonly LogEntry[], operations: readonly TestRow[]): string[] {
  const byKey = new Map(operations.map((operation) => [String(operation.idempotency_key), operation]))
  return log.flatMap((entry) => {
    const operation = byKey.get(entry.idempotencyKey ?? '')
    const name = `request ${entry.sequence} (${entry.method} ${entry.path})`
    if (operation === undefined) return [`${name} has no operation with its key`]
    const wrong: string[] = []
    if (entry.path !== operation.path) wrong.push(`${name} went to another path than ${operation.path}`)
    if (entry.bodyHash !== sha256(String(operation.body)))
      wrong.push(`${name} had another body than was stored`)
    for (const column of ['created_at', 'first_sent_at']) {
      const instant = new Date(`${String(operation[column]).replace(' ', 'T')}Z`)
      if (!(instant <= entry.at)) wrong.push(`${name} came before ${column} of its operation`)
    }
    return wrong
  })
}

/** One audit row for each row changed and each cancel, none for anything else, and it says what happened. */
function wrongFixes(fixes: readonly TestRow[], fates: readonly Fate[]): string[] {
  return fates.flatMap((fate, index) => {
    const mine = fixes.filter((fix) => fix.item_key === JSON.stringify([String(index + 1)]))
    const expected = (isChanged(fate) ? 1 : 0) + (isCancelled(fate) ? 1 : 0)
    if (mine.length !== expected)
      return [`payment ${index + 1} has ${mine.length} audit rows, not ${expected}`]
    return mine.flatMap((fix) => {
      const from = JSON.parse(String(fix.old_values)).status
      const to = JSON.parse(String(fix.new_values)).status ?? from
      return from === fate.local && to === fate.finalLocal
        ? []
        : [`the audit of payment ${index + 1} says ${from} → ${to}`]
    })
  })
}

function openOperations(operations: readonly TestRow[]): string[] {
  return operations
    .filter(({ state }) => state !== 'confirmed')
    .map(({ reference, state }) => `the operation of ${reference} is ${state}`)
}

/** A run whose process died shows as running until its lease is gone; one that holds a lease is really at work. */
async function leftRunning(shop: ReconcileShop): Promise<string[]> {
  const leases = await shop.leases()
  return leases.map(({ name, holder }) => `${holder} still has the lease of ${name}`)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
