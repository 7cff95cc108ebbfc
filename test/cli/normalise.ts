import { dirname } from 'node:path'
import type { ReconcileShop } from '../support/reconcile-shop.ts'

/** What differs from run to run, by name: for snapshots that a person can read. */
export function normalise(text: string, { configFile, database, provider }: ReconcileShop): string {
  return text
    .replaceAll(dirname(configFile), '/etc/shop')
    .replaceAll(database.name, 'shop')
    .replaceAll(new URL(database.url).host, 'DATABASE')
    .replaceAll(new URL(provider.baseUrl).host, 'SERVICE')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'RUN')
    .replace(/\b\d+(\.\d+)? (ms|s)\b/g, 'DURATION')
    .trimEnd()
}
