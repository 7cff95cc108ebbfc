import type { z } from 'zod'
import { type ReconcileConfig, reconcileSchema } from '../../../jobs/reconcile/config.ts'
import type { Item } from '../../../jobs/reconcile/items.ts'
import type { ExternalPayment } from '../../../jobs/reconcile/payment.ts'
import type { Observation } from '../../../jobs/reconcile/remote.ts'
import type { LocalRow } from '../../../jobs/reconcile/row.ts'
import type { Source, SourceColumns } from '../../../jobs/reconcile/source.ts'
import { type ServiceConfig, serviceConfig } from '../../../src/config/service-schema.ts'
import type { Column } from '../../../src/db/catalog.ts'
import type { Answered } from '../../../src/http/answer.ts'
import { parseJson } from '../../../src/http/json.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** The one "now" of these tests. */
export const asOf = '2026-11-22T03:00:00.000Z'

/** ISO text `milliseconds` before `asOf`. */
export function ago(milliseconds: number): string {
  return new Date(Date.parse(asOf) - milliseconds).toISOString()
}

/** A row that failed here two days ago: 12.30 EUR for order A-1. */
export function sampleRow(more: Partial<LocalRow> = {}): LocalRow {
  const createdAt = ago(2 * DAY)
  return {
    key: ['17'],
    keyHash: 'a'.repeat(64),
    reference: 'A-1',
    externalId: undefined,
    status: 'FAILED',
    local: 'failed',
    amount: '12.30',
    currency: 'EUR',
    refunded: undefined,
    createdAt,
    createdText: createdAt,
    since: createdAt,
    updatedText: undefined,
    version: undefined,
    isDisputed: false,
    isBlocked: false,
    ...more,
  }
}

export function samplePayment(more: Partial<ExternalPayment> = {}): ExternalPayment {
  return {
    id: 'p-1',
    status: 'PAID',
    amount: '12.30',
    currency: 'EUR',
    refunded: undefined,
    refundable: undefined,
    updatedAt: undefined,
    ...more,
  }
}

export function sampleObservation(more: Partial<Observation> = {}): Observation {
  return {
    external: 'paid',
    text: 'HTTP 200, PAID 12.30 EUR',
    payment: samplePayment(),
    amountsAgree: true,
    httpStatus: 200,
    durationMs: 3,
    ...more,
  }
}

/** What an earlier look left behind. */
export function sampleItem(more: Partial<Item> = {}): Item {
  return {
    state: 'watching',
    local: 'failed',
    facts: 'failed+paid',
    decidedBy: undefined,
    ladderStep: 1,
    observations: 1,
    absences: 0,
    firstAbsentAt: undefined,
    unreadable: 0,
    failures: 0,
    nextCheckAt: asOf,
    ...more,
  }
}

export function sampleOptions(more: Partial<z.input<typeof reconcileSchema>> = {}): ReconcileConfig {
  return reconcileSchema.parse({
    table: 'payments',
    key: ['id'],
    columns: { reference: 'order_id', status: 'status', amount: 'amount', createdAt: 'created_at' },
    statuses: { pending: ['PENDING'], paid: ['PAID'], failed: ['FAILED'], refunded: ['REFUNDED'] },
    write: { paid: 'PAID', failed: 'FAILED', refunded: 'REFUNDED' },
    ...more,
  })
}

type Service = z.input<typeof serviceConfig>
type More<Part extends 'lookup' | 'cancel'> = Partial<NonNullable<Service[Part]>>

/** A service like the pretend provider, with parts of its look-up or cancel replaced. */
export function sampleService(
  more: { lookup?: More<'lookup'>; cancel?: More<'cancel'> } = {},
): ServiceConfig {
  return serviceConfig.parse({
    baseUrl: 'http://127.0.0.1:4010',
    lookup: {
      get: '/payments/{reference}',
      read: sampleRead,
      statuses: {
        PAID: 'paid',
        PENDING: 'pending',
        FAILED: 'failed',
        CANCELLED: 'refunded',
        PARTIAL: 'partial',
        AUTHORIZED: 'authorized',
        DISPUTED: 'disputed',
      },
      ...more.lookup,
    },
    cancel: { post: '/payments/{id}/cancel', json: { amount: '{amount}' }, ...more.cancel },
  })
}

export const sampleRead = {
  id: '/id',
  reference: '/orderId',
  status: '/status',
  amount: '/amount',
  currency: '/currency',
  refunded: '/refunded',
  refundable: '/refundable',
}

/** The body of a look-up that agrees with `sampleRow`, as JSON text. */
export function sampleBody(more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    ...{ id: 'p-1', orderId: 'A-1', status: 'PAID', amount: '12.30', currency: 'EUR' },
    ...more,
  })
}

/** An answer with this JSON text; an empty text is an empty body. */
export function sampleAnswer(status: number, bodyText: string, more: Partial<Answered> = {}): Answered {
  return {
    kind: 'answered',
    status,
    headers: {},
    body: bodyText === '' ? null : parseJson(bodyText),
    bodyHash: 'b'.repeat(64),
    bodyExcerpt: bodyText.slice(0, 2048),
    replayed: false,
    durationMs: 3,
    attempts: 1,
    ...more,
  }
}

function sampleColumn(name: string, dataType: string): Column {
  return {
    ...{ name, dataType, columnType: dataType },
    ...{ isNullable: false, isInvisible: false, isGenerated: false, generation: 'none' as const },
    ...{ isAutoIncrement: false, hasDefault: false, defaultText: undefined, onUpdateNow: false },
    ...{ maximumLength: undefined, characterSet: undefined, collation: undefined },
  }
}

/** The table of `sampleOptions` as the catalogue has it, with further columns named by what they are for. */
export function sampleSource(
  more: {
    key?: readonly (readonly [name: string, dataType: string])[]
    columns?: Partial<Record<keyof SourceColumns, readonly [name: string, dataType: string]>>
  } = {},
): Source {
  const column = (name: keyof SourceColumns, standard?: readonly [string, string]) => {
    const named = more.columns?.[name] ?? standard
    return named && sampleColumn(...named)
  }
  const required = (name: keyof SourceColumns, standard: readonly [string, string]) =>
    column(name, standard) ?? sampleColumn(...standard)
  const scanIndex = {
    ...{ name: 'by_created_at', isUnique: false, kind: 'btree' as const, columns: ['created_at'] },
    parts: [{ column: 'created_at', prefixLength: undefined, isDescending: false }],
  }
  return {
    table: {
      name: { schema: 'shop', table: 'payments' },
      engine: 'InnoDB',
      options: { rowFormat: 'Dynamic', collation: 'utf8mb4_general_ci', createOptions: '' },
      columns: [],
      indexes: [scanIndex],
      estimatedRows: 0,
      autoIncrement: undefined,
      hash: '',
    },
    key: (more.key ?? [['id', 'bigint']]).map(([name, dataType]) => sampleColumn(name, dataType)),
    columns: {
      reference: required('reference', ['order_id', 'varchar']),
      externalId: column('externalId'),
      status: required('status', ['status', 'varchar']),
      amount: required('amount', ['amount', 'decimal']),
      currency: column('currency'),
      refunded: column('refunded'),
      createdAt: required('createdAt', ['created_at', 'datetime']),
      updatedAt: column('updatedAt'),
      version: column('version'),
      disputed: column('disputed'),
    },
    scanIndex,
  }
}
