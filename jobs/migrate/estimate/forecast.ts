/** Milliseconds that the parts of a migration are expected to take. */
export interface Forecast {
  readonly rows: number
  readonly copyMs: number
  readonly indexMs: number
  readonly checkMs: number
  readonly diskBytes: number
  /** measured: rows of this very table were copied and timed. typical: what such servers do. */
  readonly basis: 'measured' | 'typical'
}
