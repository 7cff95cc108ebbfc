import type { ExecuteContext } from '../../../../src/run/context.ts'
import type { VerbInput, VerbResult } from '../../../../src/run/job.ts'
import { isOpen, readJournal } from '../../carry/journal.ts'
import { readMonths } from '../../ledger/months.ts'
import type { Month } from '../../partitions/months.ts'
import { type ArchivePair, listPairs } from '../../partitions/pairs.ts'
import { archivePlace } from '../../place.ts'
import { readTables } from '../../tables.ts'
import { noSuchMonth, readMonth, type Settings } from '../input.ts'
import { monthPartitions } from '../month-partitions.ts'
import { findKeys } from './find-keys.ts'
import type { Judgement } from './judge-month.ts'
import type { KeyFindings } from './key-groups.ts'
import { type MonthProof, proveMonth } from './prove-month.ts'
import { type TableProof, verifyResult } from './verify-result.ts'

/** Reads everything the archive tables hold and compares it with what the ledger says they must hold. */
export async function verifyArchive(
  context: ExecuteContext,
  settings: Settings,
  input: VerbInput,
): Promise<VerbResult> {
  const month = readMonth(input)
  const { zone, ...tables } = await readTables(context, settings)
  const adopted = adoptedVerdicts(input, month)
  const proofs: TableProof[] = []
  for (const pair of listPairs({ zone, ...tables })) {
    if (pair.target.table === undefined) continue
    const months = await proveMonths(context, { pair, zone, month, adopted })
    proofs.push({
      table: pair.target.name.table,
      months,
      keys: await compareKeys(context, { pair, zone, month }),
    })
  }
  const isKnown = proofs.some(({ months }) => months.length > 0)
  if (month !== undefined && !isKnown) throw noSuchMonth(month, tables.target.name.table, settings)
  const journal = await readJournal({ context, tables: { zone, ...tables } })
  const unsettled = journal.filter(isOpen).length
  return verifyResult(settings, proofs, unsettled)
}

/** A month that differs is taken as right only by whoever names it: they have looked at it. */
function adoptedVerdicts({ options }: VerbInput, month: Month | undefined): readonly Judgement['verdict'][] {
  if (options.adopt === undefined) return []
  return month === undefined ? ['unproven'] : ['unproven', 'differs']
}

interface Asked {
  readonly pair: ArchivePair
  readonly zone: string
  readonly month: Month | undefined
}

async function proveMonths(
  context: ExecuteContext,
  { pair, zone, month, adopted }: Asked & { readonly adopted: readonly Judgement['verdict'][] },
): Promise<readonly MonthProof[]> {
  const months = await listCandidates(context, { pair, zone, month })
  const progress = { step: `reading ${pair.target.name.table}`, total: months.length, unit: 'months' }
  context.emit({ type: 'stepStarted', ...progress })
  const proofs: MonthProof[] = []
  for (const candidate of months) {
    proofs.push(await proveMonth(context, { pair, zone, month: candidate, adopted }))
    context.emit({ type: 'stepProgress', ...progress, done: proofs.length })
  }
  context.emit({ type: 'stepFinished', ...progress, done: proofs.length })
  return proofs.filter(({ verdict }) => verdict !== 'nothing')
}

async function listCandidates(
  context: ExecuteContext,
  { pair, zone, month }: Asked,
): Promise<readonly Month[]> {
  if (month !== undefined) return [month]
  const { read, control } = archivePlace(context)
  const ledger = await read((session) => readMonths(session, control, pair.target.name))
  const ofPartitions = monthPartitions(pair, zone).flatMap((partition) => partition.month ?? [])
  return [...new Set([...ledger.keys(), ...ofPartitions])].toSorted()
}

async function compareKeys(context: ExecuteContext, asked: Asked): Promise<KeyFindings | undefined> {
  const progress = { step: `comparing keys of ${asked.pair.target.name.table}`, unit: 'keys' }
  context.emit({ type: 'stepStarted', ...progress })
  const found = await findKeys(context, {
    ...asked,
    onRead: (done) => context.emit({ type: 'stepProgress', ...progress, done }),
  })
  context.emit({ type: 'stepFinished', ...progress, done: found?.read ?? 0 })
  return found
}
