import type { Database } from '../db/database.ts'
import type { WriteGrant } from '../db/grant.ts'
import type { PlanContext, Writing } from './context.ts'
import { createDefine } from './ddl.ts'
import type { Launch } from './launch.ts'
import { giveBackLease, type Lease, takeLease } from './lease.ts'
import { createTransact } from './ledger.ts'
import type { Releases } from './releases.ts'

/** What a run needs to write to any of its databases. */
export interface Permit {
  readonly launch: Launch
  readonly context: PlanContext
  readonly grant: WriteGrant
  /** The fence: every lease of the run carries it, and every transaction checks it. */
  readonly token: string
  readonly releases: Releases
}

/** Opens the ledger's connection and takes the lease, or throws `lease.held` (exit 75). Both are given back at the end. */
export async function holdLease(
  { launch, context, grant, token, releases }: Permit,
  { database, schema, name }: { readonly database: Database; readonly schema: string; readonly name: string },
): Promise<Lease> {
  const { host, clock } = launch.surroundings
  const ledger = await database.openWriter(grant, 'ledger')
  releases.add(ledger.close)
  const row = { name, runId: context.runId, token, holder: host.holder }
  const lease: Lease = { ledger, schema, row, connections: new Set() }
  // Before the lease is taken: whatever fails from here on, a process that lives on must not keep it.
  releases.add(() => giveBackLease(lease))
  const { takenOverFrom } = await takeLease({ lease, host, clock })
  context.emit({
    type: 'leaseTaken',
    lease: name,
    ...(takenOverFrom === undefined ? {} : { takenOverFrom }),
  })
  return lease
}

/** The two ways to change a database under its lease. */
export async function openWriting(
  { launch, context, grant, releases }: Permit,
  database: Database,
  { lease, nextSeq }: { readonly lease: Lease; readonly nextSeq: () => number },
): Promise<Writing> {
  const { clock, random, reach } = launch.surroundings
  const { stop, kill, emit } = context
  const work = await database.openWriter(grant, 'work')
  releases.add(work.close)
  const definition = await database.openWriter(grant, 'definition')
  releases.add(definition.close)
  return {
    transact: createTransact({ lease, work, nextSeq, clock, random, kill, reach }),
    define: createDefine({
      ...{ lease, writer: definition, read: database.read, clock, random, stop, kill, emit, reach },
    }),
  }
}
