/** Keys that were met. */
export interface FoundKeys {
  readonly keys: number
  /** The first few, in words. */
  readonly samples: readonly string[]
}

export const noKeys: FoundKeys = { keys: 0, samples: [] }

const SAMPLES = 5

export function addKeys({ keys, samples }: FoundKeys, more: readonly string[]): FoundKeys {
  return { keys: keys + more.length, samples: [...samples, ...more.slice(0, SAMPLES - samples.length)] }
}
