import { styleText } from 'node:util'

export type ColorChoice = 'auto' | 'always' | 'never'

export interface TextStyle {
  readonly color: boolean
  /** Columns to fit into; Infinity off a terminal, where wrapping only breaks what is searched for later. */
  readonly width: number
}

/** Meaning, not colour. Every tone also reads without it. */
export type Tone = 'plain' | 'quiet' | 'strong' | 'good' | 'caution' | 'bad'

const formats: Record<Exclude<Tone, 'plain'>, Parameters<typeof styleText>[0]> = {
  quiet: 'dim',
  strong: 'bold',
  good: 'green',
  caution: 'yellow',
  bad: ['bold', 'red'],
}

/** `always` and `never` win; `auto` wants a terminal, no NO_COLOR, no CI and not TERM=dumb. */
export function chooseStyle(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  environment: NodeJS.ProcessEnv,
  color: ColorChoice,
): TextStyle {
  return {
    color: color === 'always' || (color === 'auto' && !environment.NO_COLOR && isLively(stream, environment)),
    width: stream.isTTY === true ? Math.max(stream.columns ?? 80, 40) : Number.POSITIVE_INFINITY,
  }
}

/** True where lines may be redrawn: a terminal that is neither dumb nor a build log. */
export function isLively(stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && environment.TERM !== 'dumb' && !environment.CI
}

export function paint(text: string, tone: Tone, style: TextStyle): string {
  if (!style.color || tone === 'plain') return text
  // Whether to colour is decided by our caller; Node from 22.13 on would ask stdout again.
  return styleText(formats[tone], text, { validateStream: false })
}

// Controls, bidi controls, lone surrogates, line and paragraph separators, byte order mark.
const unprintable = /[\p{Cc}\p{Bidi_Control}\p{Cs}\u2028\u2029\ufeff]/gu
const shortEscapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/**
 * Text from a database or a service as it may be shown: nothing in it can move the cursor, change the colour, start
 * a line or turn the reading direction. `\n`, `\x1b` and `\u202e` appear as these characters.
 */
export function sanitizeText(text: string): string {
  return text.replace(unprintable, escapeCharacter)
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0)
  const hexadecimal = code.toString(16)
  return (
    shortEscapes[character] ??
    (code < 0x100 ? `\\x${hexadecimal.padStart(2, '0')}` : `\\u${hexadecimal.padStart(4, '0')}`)
  )
}
