import type { Phase } from './state/model.ts'

/** As people read them. */
export const phaseNames: Readonly<Record<Phase, string>> = {
  preparing: 'preparing',
  copying: 'copying rows',
  indexing: 'building indexes',
  catchingUp: 'carrying changes over',
  checking: 'checking rows',
  holding: 'waiting to swap',
  cuttingOver: 'swapping',
  done: 'done',
}
