import type { LoadedConfig } from './load.ts'
import { formatPath } from './problem.ts'
import { describeSource } from './sources.ts'

/** One value in force, ready to print. */
export interface ConfigRow {
  /** `jobs.payments.grace` */
  readonly path: string
  /** As it is written in a file; secrets as `***`. */
  readonly value: unknown
  /** `default`, `rowkeeper.yaml:12`, `env SHOP_URL`, `file /run/secrets/token`. */
  readonly source: string
}

/** Every value in force and where it came from. */
export function showConfig({ values, sources, redact }: LoadedConfig): ConfigRow[] {
  return values.map(({ path, value, secrecy }) => {
    const place = formatPath(path)
    const source = sources.get(place)
    return {
      path: place,
      value: secrecy === 'secret' ? '***' : redact.deep(value),
      source: source === undefined ? '' : describeSource(source),
    }
  })
}
