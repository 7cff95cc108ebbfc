/** Which days and objects are looked at: by CRC32 of the salt and what they are called. */
export interface Sample {
  /** 1 for all. */
  readonly share: number
  /** Another one every time, so that in the end all have been looked at. */
  readonly salt: string
}
