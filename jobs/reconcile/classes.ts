/** The words in which both sides of a payment are compared. */

/**
 * What our row says. init: created, no call known · pending: a call may be in flight · unknown: the application noted
 * a time-out · failed: declined, or rolled back on our side.
 */
export const localClasses = [
  'init',
  'pending',
  'unknown',
  'paid',
  'failed',
  'refunding',
  'refunded',
  'partial',
] as const
export type LocalClass = (typeof localClasses)[number]

/**
 * What the service says. differs: paid, but amount, currency or identity is not ours · multiple: more than one live
 * payment for one reference · absent: the service's own "no such payment" · absentMaybe: a 404 that is not in its
 * words · temporary, unreadable: no evidence at all · denied: our credentials · gone: too old to be asked about.
 */
export const externalClasses = [
  'paid',
  'differs',
  'authorized',
  'pending',
  'failed',
  'refunded',
  'partial',
  'multiple',
  'disputed',
  'absent',
  'absentMaybe',
  'temporary',
  'unreadable',
  'denied',
  'gone',
] as const
export type ExternalClass = (typeof externalClasses)[number]

/** Rows whose end is still open; the others look settled. */
export const openClasses: readonly LocalClass[] = ['init', 'pending', 'unknown', 'refunding']

/** Looked up only as a sample: both sides most likely agree. */
export const sampledClasses = ['paid', 'refunded', 'partial'] as const
export type SampledClass = (typeof sampledClasses)[number]

export function isSampled(localClass: LocalClass): localClass is SampledClass {
  return (sampledClasses as readonly LocalClass[]).includes(localClass)
}

/** No evidence: says nothing about the payment, changes nothing, uses up no step of the ladder. */
export function isEvidence(externalClass: ExternalClass): boolean {
  return !['temporary', 'unreadable', 'denied', 'absentMaybe'].includes(externalClass)
}

/** Both sides in one name, the identity of a kind of mismatch: `failed+paid`. */
export type Facts = `${LocalClass}+${ExternalClass}`

export function factsOf(localClass: LocalClass, externalClass: ExternalClass): Facts {
  return `${localClass}+${externalClass}`
}

const externalTexts: Record<ExternalClass, string> = {
  paid: 'paid there',
  differs: 'paid otherwise there',
  authorized: 'authorized there, not captured',
  pending: 'pending there',
  failed: 'failed there',
  refunded: 'refunded there',
  partial: 'partly refunded there',
  multiple: 'paid more than once there',
  disputed: 'disputed there',
  absent: 'not known there',
  absentMaybe: 'perhaps not known there',
  temporary: 'no answer',
  unreadable: 'unreadable answer',
  denied: 'refused our credentials',
  gone: 'too old to be asked about',
}

/** `failed here, paid there`. */
export function describeFacts(facts: Facts): string {
  const [local, external] = facts.split('+') as [LocalClass, ExternalClass]
  return `${local} here, ${externalTexts[external]}`
}
