import type { TableDefinition } from '../../../src/db/catalog.ts'
import type { Family } from '../../../src/db/server.ts'
import type { MigrateConfig } from '../config.ts'
import type { Change } from '../definition/change.ts'
import type { Strategy } from '../result-model.ts'
import type { Wanted } from '../shadow/scratch.ts'
import { isMetadataOnly } from './metadata-only.ts'

/** The gentlest way, and why not a gentler one. */
export interface Rung {
  readonly strategy: Strategy
  /** What the ALTER carries when the server does it itself. */
  readonly algorithm: string | undefined
  readonly why: string
}

/** What is asked for with `strategy`, or undefined when the server cannot do it that way. */
export function chooseRung(
  asked: MigrateConfig['strategy'],
  { family }: { readonly family: Family },
  {
    change,
    source,
    wanted,
  }: {
    readonly change: Change
    readonly source: TableDefinition
    readonly wanted: Wanted
  },
): Rung | undefined {
  const copy: Rung = { strategy: 'copy', algorithm: undefined, why: whyCopy(asked, change, wanted) }
  const gentle = listGentle(family, { change, source, wanted })
  switch (asked) {
    case 'auto':
      return gentle[0] ?? copy
    case 'copy':
      return gentle.find(({ strategy }) => strategy === 'none') ?? copy
    case 'instant':
    case 'inplace':
      return gentle.find(({ strategy }) => strategy === 'none' || strategy === asked)
  }
}

function listGentle(
  family: Family,
  {
    change,
    source,
    wanted,
  }: {
    readonly change: Change
    readonly source: TableDefinition
    readonly wanted: Wanted
  },
): readonly Rung[] {
  const none: Rung = { strategy: 'none', algorithm: undefined, why: 'the table has this definition already' }
  const instant: Rung = {
    strategy: 'instant',
    algorithm: 'INSTANT',
    why: 'the server did it to an empty table with ALGORITHM=INSTANT, which touches no row',
  }
  const inplace: Rung = {
    strategy: 'inplace',
    algorithm: family === 'mysql' ? 'INPLACE, LOCK=NONE' : 'NOCOPY, LOCK=NONE',
    why: `${wanted.instantRefusal ?? 'not INSTANT'}; in place it changes nothing but the catalogue`,
  }
  const isHarmless = change.type === 'alter' && isMetadataOnly(change.alter, source, wanted.target)
  return [
    ...(wanted.isThere ? [none] : []),
    ...(wanted.instantRefusal === undefined && change.type === 'alter' ? [instant] : []),
    ...(isHarmless ? [inplace] : []),
  ]
}

function whyCopy(
  asked: MigrateConfig['strategy'],
  change: Change,
  { instantRefusal }: Pick<Wanted, 'instantRefusal'>,
): string {
  if (asked === 'copy') return 'the configuration asks for it'
  if (change.type === 'definition')
    return 'a whole definition is given, and no ALTER that the server could try'
  return instantRefusal ?? 'the server cannot do it without copying'
}
