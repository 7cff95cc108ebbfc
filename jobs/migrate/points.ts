/** Every point of migrate at which a fault test may end the run, beside those of the run itself. */
export const migratePoints = [
  // The migration is written down; nothing is made yet. Shadow and changelog are there. All triggers are.
  'migrate.begun',
  'migrate.shadow-made',
  'migrate.triggers-made',
  // Inside the transaction of a chunk; the chunk is committed, and not yet written down.
  'migrate.chunk-inserted',
  'migrate.chunk-copied',
  'migrate.indexes-built',
  // Inside the transaction of a page of changes; the page is committed.
  'migrate.changed-rows-deleted',
  'migrate.changes-applied',
  'migrate.chunk-checked',
  'migrate.differences-noted',
  // A phase is over, and written down.
  'migrate.phase-entered',
  'migrate.way-back-made',
  // The swap: the name is taken; tables are locked; rows of the last changes are gone and not yet there again; no change is
  // left; the rename waits; its way is free; it is done.
  'migrate.sentry-made',
  'migrate.tables-locked',
  'migrate.drain-deleted',
  'migrate.drained',
  'migrate.rename-waits',
  'migrate.sentry-dropped',
  'migrate.swapped',
  // finish: the way back is gone, the retired table still there.
  'migrate.way-back-removed',
] as const
