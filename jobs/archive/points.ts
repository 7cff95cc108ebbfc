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
  // A batch for another server, in this order: see carry/hand-over.ts. Nothing has happened; nothing has happened; the
  // copies are committed, the rows still there; so they are; both are committed and the journal names the batch still.
  'archive.carry-locked',
  'archive.carry-inserted',
  'archive.carry-copied',
  'archive.carry-deleted',
  'archive.carry-committed',
  // Copies of rows that changed after an interrupted batch are to be taken out of the archive.
  'archive.carry-taken-back',
  // The stages of a month that is exchanged whole, each committed: see exchange/stage.ts.
  'archive.exchange-begun',
  'archive.exchange-held-made',
  'archive.exchange-taken-out',
  'archive.exchange-proven',
  'archive.exchange-put-in',
  'archive.exchange-held-dropped',
  'archive.exchange-closed',
  'archive.exchange-source-dropped',
  // A month that leaves the archive table: its file is written, and proven with its name; nothing else was changed.
  'archive.export-written',
  'archive.rotation-exported',
  // The ledger knows that it leaves; it is in the held table; it is held; or it goes back again.
  'archive.rotation-begun',
  'archive.rotation-taken-out',
  'archive.rotation-held',
  'archive.rotation-put-back',
  // A held month whose time is over: decided, its table gone, its partition gone.
  'archive.drop-noted',
  'archive.held-dropped',
  'archive.partition-dropped',
  // A month that is brought back to the live table is pinned, and nothing else has happened.
  'archive.restore-pinned',
  // Inside the archive's transaction; on one server nothing has happened, from another one the rows are in both places.
  'archive.restore-locked',
  'archive.restore-put-back',
  // A batch is back and gone from the archive; the next one has not begun.
  'archive.restore-batch-committed',
] as const
