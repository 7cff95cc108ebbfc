import type { Step } from './plan-model.ts'
import type { ItemEnd } from './result-model.ts'
import { describeKey } from './row.ts'

/** One step in words, the same in the plan, its table and its file. */
export interface StepDetail {
  readonly type: Step['type']
  readonly key: string
  readonly reference: string
  readonly from: string
  readonly to: string
  readonly evidence: string
}

export function stepDetail(step: Step): StepDetail {
  if (step.type === 'resume') {
    const { operation, observation } = step
    return {
      type: step.type,
      key: describeKey(operation.key),
      reference: operation.reference,
      from: `cancel ${operation.state}`,
      to: 'cancel confirmed, sent again or left to people',
      evidence: observation.text,
    }
  }
  return {
    type: step.type,
    key: describeKey(step.row.key),
    reference: step.row.reference,
    from: step.row.status,
    to: step.type === 'set' ? step.to : 'cancelled at the service',
    evidence: step.observation.text,
  }
}

export const endingTexts: Record<ItemEnd['ending'], string> = {
  fixed: 'fixed',
  compensated: 'cancelled at the service',
  changedMeanwhile: 'changed meanwhile',
  busy: 'held by another session',
  limit: 'a limit of the run',
  stopped: 'stopped',
  open: 'cancel not confirmed yet',
  accepted: 'cancel taken on by the service',
  rejected: 'cancel refused by the service',
  review: 'left to people',
}
