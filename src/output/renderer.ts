import type { StampedEvent } from '../run/events.ts'
import type { ColorChoice } from './style.ts'

export interface Terminal {
  /** stderr: stdout carries only the result. */
  readonly stream: NodeJS.WriteStream
  readonly environment: NodeJS.ProcessEnv
  readonly color: ColorChoice
}

/** Events in, progress out. */
export interface Renderer {
  /** Never throws and never waits. */
  render(event: StampedEvent): void
  /** Takes the living line away and tells what was held back. Nothing is rendered afterwards. */
  close(): void
}
