/** Every point of reconcile at which a fault test may end the run, beside those of the run itself. */
export const reconcilePoints = [
  'reconcile.findings-stored',
  'reconcile.fix-before-commit',
  'reconcile.fix-committed',
  'reconcile.intent-committed',
  'reconcile.sending-committed',
  'reconcile.call-answered',
  'reconcile.call-recorded',
  'reconcile.verified',
  'reconcile.conclude-before-commit',
] as const
