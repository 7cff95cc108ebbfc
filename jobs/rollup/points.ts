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
  // It is noted that the table of events will be put aside; it is; the ledger says how far a chunk of it is counted, not
  // yet committed; a chunk is committed; the table is gone; the ledger has its next stage.
  'rollup.segment-noted',
  'rollup.table-put-aside',
  'rollup.chunk-advanced',
  'rollup.chunk-counted',
  'rollup.segment-dropped',
  'rollup.segment-settled',
  // Marks too old to matter are deleted, others are still there.
  'rollup.marks-forgotten',
  // Old lines of one day are one line, those of others are still many.
  'rollup.ledger-folded',
  // Some counters are repaired, others not yet.
  'rollup.counters-repaired',
  // A bucket is set from its events; a larger one is summed from its parts.
  'rollup.bucket-set',
  'rollup.bucket-summed',
  // The shadow is there; a day is counted into it; a larger bucket is summed; what is right already has left it.
  'rollup.shadow-made',
  'rollup.shadow-filled',
  'rollup.shadow-summed',
  'rollup.shadow-compared',
  // Counters and totals of some objects are set, not yet committed; they are committed; the shadow is gone.
  'rollup.piece-set',
  'rollup.piece-swapped',
  'rollup.shadow-dropped',
  // Lines of a file are counted, not yet committed; they are committed.
  'rollup.lines-counted',
  'rollup.lines-committed',
] as const
