import {
  answerKinds,
  type Fault,
  type FaultKind,
  type FaultScope,
  faultStatuses,
  paymentKinds,
  unprocessedKinds,
  wireKinds,
  worldKinds,
} from '../../../../src/sandbox/provider/faults.ts'

const kinds: readonly FaultKind[] = [
  ...unprocessedKinds,
  ...wireKinds,
  ...answerKinds,
  ...paymentKinds,
  ...worldKinds,
]

/** Every kind of fault the pretend provider knows, and every status. */
export function everyFault(scope: FaultScope): readonly Fault[] {
  return kinds.flatMap((kind): readonly Fault[] => toFaults(kind, scope))
}

export function describeFault(fault: Fault): string {
  return 'status' in fault ? `${fault.kind} ${fault.status}` : fault.kind
}

/** With what some kinds need to be told. */
function toFaults(kind: FaultKind, scope: FaultScope): readonly Fault[] {
  switch (kind) {
    case 'statusBefore':
    case 'statusAfter':
      return faultStatuses.map((status) => ({ ...scope, kind, status }))
    case 'slowHeaders':
      return [{ ...scope, kind, ms: 1500 }]
    case 'watermarkLag':
      return [{ ...scope, kind, ms: 60_000 }]
    case 'slowDrip':
      return [{ ...scope, kind, msPerByte: 20 }]
    case 'hugeBody':
      return [{ ...scope, kind, bytes: 2 * 1024 * 1024 }]
    case 'hugeHeader':
      return [{ ...scope, kind }]
    case 'missingField':
      return [{ ...scope, kind, field: 'status' }]
    default:
      return [{ ...scope, kind }]
  }
}
