import type { ResultDocument, Warning } from './result.ts'

export type { Warning } from './result.ts'

/**
 * Everything a run tells while it works. Jobs emit; renderers listen; nothing else prints.
 * Emitting is synchronous and never throws into the job.
 */
export type RunEvent =
  | {
      readonly type: 'runStarted'
      readonly job: string
      readonly kind: string
      readonly verb: string
      readonly runId: string
    }
  | { readonly type: 'leaseTaken'; readonly lease: string; readonly takenOverFrom?: string }
  | { readonly type: 'checkFailed'; readonly finding: Finding }
  | { readonly type: 'stepStarted'; readonly step: string; readonly total?: number; readonly unit: string }
  | {
      readonly type: 'stepProgress'
      readonly step: string
      readonly done: number
      readonly total?: number
      readonly unit: string
    }
  | { readonly type: 'stepThrottled'; readonly step: string; readonly reason: string }
  | { readonly type: 'stepFinished'; readonly step: string; readonly done: number; readonly unit: string }
  | {
      readonly type: 'retrying'
      readonly what: string
      readonly attempt: number
      readonly delayMs: number
      readonly why: string
    }
  | {
      readonly type: 'breakerChanged'
      readonly service: string
      readonly circuit: string
      readonly from: string
      readonly to: string
    }
  | { readonly type: 'itemSettled'; readonly item: string; readonly text: string }
  | { readonly type: 'warning'; readonly warning: Warning }
  | { readonly type: 'stopping'; readonly text: string }
  | { readonly type: 'runFinished'; readonly result: ResultDocument }

/** What one preflight or doctor check saw. `id` is stable; `fix` ends with a command or a statement to run. */
export interface Finding {
  readonly id: string
  readonly severity: 'ok' | 'warning' | 'error'
  readonly evidence: string
  readonly fix?: string | undefined
}

export type Emit = (event: RunEvent) => void

export interface StampedEvent {
  readonly at: string
  readonly runId?: string
  readonly event: RunEvent
}
