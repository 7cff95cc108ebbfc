/** Every point of archive at which a fault test may end the run, beside those of the run itself. */
export const archivePoints = [
  // An archive table is there, nothing has been put into it.
  'archive.table-made',
  // One of several changes of a table's partitions has been made.
  'archive.partitions-changed',
  // The ledger knows the month; none of its rows has been moved in this run.
  'archive.month-opened',
  // Inside the transaction of a batch: whatever happens, nothing has happened.
  'archive.rows-locked',
  'archive.rows-copied',
  'archive.copy-proven',
  'archive.rows-deleted',
  // A batch is committed; the next one has not begun.
  'archive.batch-committed',
  // The stages of a month that is exchanged whole, each committed: see exchange/stage.ts.
  'archive.exchange-begun',
  'archive.exchange-held-made',
  'archive.exchange-taken-out',
  'archive.exchange-proven',
  'archive.exchange-put-in',
  'archive.exchange-held-dropped',
  'archive.exchange-closed',
  'archive.exchange-source-dropped',
] as const
