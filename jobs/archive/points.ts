/** Every point of archive at which a fault test may end the run, beside those of the run itself. */
export const archivePoints = [] as const
