import type { ShopPayment } from '../../../support/reconcile-shop.ts'

/** One payment, and what both sides must say when everything is done, whatever happened on the way. */
export interface Fate extends ShopPayment {
  readonly finalLocal: string
  readonly finalExternal: ShopPayment['external']
}

/** Every kind of payment that a run settles by itself, and those it must leave alone. */
const fates: readonly Fate[] = [
  { local: 'PENDING', external: 'PAID', finalLocal: 'PAID', finalExternal: 'PAID' },
  { local: 'FAILED', external: 'PAID', finalLocal: 'FAILED', finalExternal: 'CANCELLED' },
  { local: 'PENDING', external: 'FAILED', finalLocal: 'FAILED', finalExternal: 'FAILED' },
  { local: 'UNKNOWN', external: 'CANCELLED', finalLocal: 'REFUNDED', finalExternal: 'CANCELLED' },
  { local: 'PAID', external: 'PAID', finalLocal: 'PAID', finalExternal: 'PAID' },
  { local: 'FAILED', external: 'FAILED', finalLocal: 'FAILED', finalExternal: 'FAILED' },
]

/** The kinds in turn; the amounts differ, so that a mix-up of two payments shows. */
export function mixedFates(count: number): readonly Fate[] {
  return Array.from({ length: count }, (_, index) => {
    const fate = fates[index % fates.length]
    if (fate === undefined) throw new Error('there are no kinds')
    return { ...fate, amount: `${10 + index}.30`, ageMinutes: 10 + count - index }
  })
}

export function isCancelled({ external, finalExternal }: Fate): boolean {
  return external === 'PAID' && finalExternal === 'CANCELLED'
}

export function isChanged({ local, finalLocal }: Fate): boolean {
  return local !== finalLocal
}
