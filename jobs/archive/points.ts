/** Every point of archive at which a fault test may end the run, beside those of the run itself. */
export const archivePoints = [
  // An archive table is there, nothing has been put into it.
  'archive.table-made',
  // One of several changes of a table's partitions has been made.
  'archive.partitions-changed',
] as const
