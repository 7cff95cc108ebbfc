import type { Clock } from '../lib/clock.ts'
import { unreachable } from '../lib/errors.ts'
import { createLinesRenderer } from './lines-renderer.ts'
import type { Renderer, Terminal } from './renderer.ts'
import { isLively } from './style.ts'

export type ProgressMode = 'auto' | 'bar' | 'lines' | 'json' | 'none'

export type { Renderer, Terminal } from './renderer.ts'

export interface RendererOptions {
  readonly mode: ProgressMode
  readonly terminal: Terminal
  readonly clock: Clock
}

/**
 * `auto` is `bar` on a terminal that is neither dumb nor a build log, and `lines` otherwise. `bar` off a terminal
 * is `lines` too: there is no line to redraw.
 */
export async function createRenderer({ mode, terminal, clock }: RendererOptions): Promise<Renderer> {
  const effective = effectiveMode(mode, terminal)
  switch (effective) {
    case 'bar': {
      const { createBarRenderer } = await import('./bar-renderer.ts')
      return createBarRenderer(terminal, clock)
    }
    case 'lines':
      return createLinesRenderer(terminal, clock)
    case 'json':
      return { render: (event) => void terminal.stream.write(`${JSON.stringify(event)}\n`), close: () => {} }
    case 'none':
      return { render: () => {}, close: () => {} }
    default:
      return unreachable(effective)
  }
}

function effectiveMode(mode: ProgressMode, terminal: Terminal): Exclude<ProgressMode, 'auto'> {
  if (mode === 'auto') return isLively(terminal.stream, terminal.environment) ? 'bar' : 'lines'
  return mode === 'bar' && terminal.stream.isTTY !== true ? 'lines' : mode
}
