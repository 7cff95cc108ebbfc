/** Every point of rollup at which a fault test may end the run, beside those of the run itself. */
export const rollupPoints = [
  // The counter table is there, nothing has been counted into it.
  'rollup.table-made',
  // Inside the transaction of a batch: whatever happens, nothing has happened.
  'rollup.events-locked',
  'rollup.events-counted',
  'rollup.events-deleted',
  // A batch is committed; the next one has not begun.
  'rollup.batch-committed',
  // Marks too old to matter are deleted, others are still there.
  'rollup.marks-forgotten',
  // Old lines of one day are one line, those of others are still many.
  'rollup.ledger-folded',
  // Some counters are repaired, others not yet.
  'rollup.counters-repaired',
] as const
