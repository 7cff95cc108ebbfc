import type { ExitCode } from '../../lib/errors.ts'
import type { Stage } from './stage.ts'

export interface Act {
  title(stage: Stage): string
  /** What a user would type for it. */
  command?(stage: Stage): string
  play(stage: Stage): Promise<ActEnd>
}

export interface ActEnd {
  /** Anything but 0 ends the demo with it. */
  readonly exitCode: ExitCode
  /** For `--format json`. */
  readonly document: unknown
  /** What was shown: a report ends with a line break. */
  readonly text: string
}
