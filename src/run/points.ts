/** Every point of a run at which a fault test may end it: between two steps that must hold together without the other. */
export const runPoints = [
  'run.lease-taken',
  'run.page-planned',
  'run.page-done',
  'run.before-finish',
  'ledger.before-commit',
  'ledger.after-commit',
] as const

/** Further ones, of runs that change definitions. */
export const ddlPoints = ['ddl.recorded', 'ddl.done'] as const
