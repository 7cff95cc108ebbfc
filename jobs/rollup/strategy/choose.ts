import { LONGEST_SOURCE_NAME } from '../rotate/segment.ts'

/** How events of a table are read. */
export type Strategy = 'consume' | 'rotate' | 'recompute'

/** What a strategy promises on this very server. */
export interface Guarantee {
  /** In words: `every event exactly once …`. */
  readonly counts: string
  readonly lateCommits: string
  readonly rows: string
  readonly writers: string
}

export const guarantees: Readonly<Record<Strategy, Guarantee>> = {
  consume: {
    counts: 'every event exactly once: it is added to the counters and deleted in one transaction',
    lateCommits: 'an event that is committed late is counted by the run that first sees it, whatever its key',
    rows: 'counted events are gone; what they came to stays in the ledger',
    writers: 'nobody waits: rows that others hold are left for the next run',
  },
  rotate: {
    counts:
      'every event exactly once: the table is put aside whole, and each stretch of it is noted with its counters',
    lateCommits: 'none can come late: the table changes its name when no transaction has it open',
    rows: 'the table that was put aside is dropped once it is counted, or kept as long as hold says',
    writers: 'every statement on the table waits while its name changes, at most lockWait at a time',
  },
  recompute: {
    counts:
      'exact for the buckets counted anew; they are set, not added to, so counting twice changes nothing',
    lateCommits:
      'an event that is committed late counts as long as its bucket is among those counted anew; later it is not',
    rows: 'events stay where they are',
    writers: 'nobody waits',
  },
}

/** What is known of the server and the table before one is chosen. */
export interface Topology {
  /** Of the table of events. */
  readonly name: string
  /** Tables with foreign keys to the events; undefined when the account may not know. */
  readonly referring: readonly string[]
  /** Foreign keys of the events themselves. */
  readonly foreignKeys: number
  readonly triggers: readonly string[]
  /** The server shows the account the triggers of the table. */
  readonly areTriggersSeen: boolean
  /** Why the numbers that events are given could not go on in a new table; undefined when they can. */
  readonly usedUpNumbers: string | undefined
  /** Filters, different values or texts to group by: every event is looked at by itself. */
  readonly looksAtEvents: boolean
  /** An index begins with the time of events. */
  readonly isTimeIndexed: boolean
  readonly estimatedEvents: number
  /** The configuration wants events, once counted, to be kept for a while. */
  readonly holdsEvents: boolean
}

/** Why a strategy may not be used here; nothing when it may. */
export function findObstacles(strategy: Strategy, topology: Topology): readonly string[] {
  const { referring, foreignKeys, triggers, isTimeIndexed, looksAtEvents } = topology
  const referred = referring.map(
    (table) => `${table} has a foreign key to the events, which would ${reach[strategy]}`,
  )
  switch (strategy) {
    case 'consume':
      return referred
    case 'rotate':
      return [
        ...referred,
        ...(foreignKeys > 0 ? ['the new table of events would lack the foreign keys that this one has'] : []),
        ...triggers.map((name) => `the trigger ${name} would go away with the table that is put aside`),
        ...(topology.areTriggersSeen
          ? []
          : [
              'the account may not see whether there are triggers (GRANT TRIGGER), and they would go away with the table',
            ]),
        ...(topology.usedUpNumbers === undefined ? [] : [topology.usedUpNumbers]),
        ...(topology.name.length > LONGEST_SOURCE_NAME
          ? [
              `its name has more than ${LONGEST_SOURCE_NAME} characters, and the tables put aside are called after it`,
            ]
          : []),
      ]
    case 'recompute':
      return [
        ...(isTimeIndexed
          ? []
          : ['no index begins with the time of events, so every run would read all of them']),
        ...(looksAtEvents
          ? [
              'filters, different values and groups by text are counted from events as they are taken, which recompute never does',
            ]
          : []),
      ]
  }
}

const reach: Readonly<Record<Strategy, string>> = {
  consume: 'stop counted events from being deleted, or lose its own rows with them',
  rotate: 'go on pointing to the table that is put aside',
  recompute: '',
}

export type Choice =
  | { readonly strategy: Strategy; readonly why: string }
  | { readonly refused: Strategy | undefined; readonly obstacles: readonly string[] }

/** From so many waiting events on, putting the table aside and dropping it is much cheaper than deleting rows. */
export const MANY_EVENTS = 20_000_000

export function chooseStrategy(asked: Strategy | 'auto', topology: Topology): Choice {
  if (asked !== 'auto') {
    const obstacles = findObstacles(asked, topology)
    return obstacles.length > 0
      ? { refused: asked, obstacles }
      : { strategy: asked, why: 'the configuration says so' }
  }
  const possible = (strategy: Strategy) => findObstacles(strategy, topology).length === 0
  const prefersRotate = topology.holdsEvents || topology.estimatedEvents >= MANY_EVENTS
  if (prefersRotate && possible('rotate')) return { strategy: 'rotate', why: whyRotate(topology) }
  if (possible('consume'))
    return {
      strategy: 'consume',
      why: 'nothing refers to the events, and deleting them as they are counted keeps the table small',
    }
  if (possible('recompute'))
    return {
      strategy: 'recompute',
      why: `events must stay: ${findObstacles('consume', topology).join('; ')}`,
    }
  const obstacles = (['consume', 'recompute'] as const).flatMap((strategy) =>
    findObstacles(strategy, topology).map((obstacle) => `${strategy}: ${obstacle}`),
  )
  return { refused: undefined, obstacles }
}

function whyRotate({ holdsEvents }: Topology): string {
  return holdsEvents
    ? 'counted events are to be kept for a while (hold)'
    : 'so many events wait that dropping a table is much cheaper than deleting rows'
}
