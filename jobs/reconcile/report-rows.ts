import type { ReportRow } from '../../src/run/report.ts'
import { describeFacts } from './classes.ts'
import type { Finding } from './items.ts'
import type { ReconcilePlan, Step } from './plan-model.ts'
import type { ItemEnd, ReconcileResult } from './result-model.ts'
import { describeKey } from './row.ts'
import { endingTexts, stepDetail } from './step-detail.ts'

/** One line for every row that differs, with what was done about it. */
export function reportRows(plan: ReconcilePlan, result: ReconcileResult): readonly ReportRow[] {
  const ends = new Map(result.ends.map((end) => [end.keyHash, end]))
  const planned = new Map(
    plan.steps.map((step) => [step.type === 'resume' ? step.operation.keyHash : step.row.keyHash, step]),
  )
  return plan.findings
    .filter((finding) => finding.mismatch || isUnanswered(finding))
    .map((finding): ReportRow => {
      const { payment } = finding.observation
      const end = ends.get(finding.keyHash)
      return {
        key: { text: describeKey(finding.key) },
        reference: { text: finding.reference },
        kind: { text: describeFacts(finding.facts) },
        action: { text: actionOf(finding, planned.get(finding.keyHash), end) },
        reason: { text: end?.text ?? finding.reason },
        externalId: payment === undefined ? null : { text: payment.id },
        externalStatus: payment === undefined ? null : { text: payment.status },
        amount: payment === undefined ? null : { decimal: payment.amount },
        currency: payment?.currency === undefined ? null : { text: payment.currency },
        httpStatus:
          finding.observation.httpStatus === undefined ? null : { count: finding.observation.httpStatus },
        requestId:
          finding.observation.requestId === undefined ? null : { text: finding.observation.requestId },
        evidence: finding.observation.bodyHash === undefined ? null : { text: finding.observation.bodyHash },
      }
    })
}

function isUnanswered({ external }: Finding): boolean {
  return external === 'temporary' || external === 'unreadable' || external === 'absentMaybe'
}

function actionOf(finding: Finding, step: Step | undefined, end: ItemEnd | undefined): string {
  if (end !== undefined) return endingTexts[end.ending]
  if (step !== undefined) return `would be ${stepDetail(step).to}`
  if (finding.state === 'review') return 'left to people'
  return isUnanswered(finding) ? 'asked again later' : 'only reported'
}
