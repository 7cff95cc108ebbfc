import type { Act } from './act.ts'
import { migrateActs } from './migrate-acts.ts'
import { orderActs } from './order-acts.ts'
import { paymentActs } from './payment-acts.ts'
import { viewActs } from './view-acts.ts'

/** In the order they are played. Each does what its command would do, through the same functions. */
export const acts: readonly Act[] = [...paymentActs, ...orderActs, ...viewActs, ...migrateActs]
