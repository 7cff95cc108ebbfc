import { sanitizeText } from './style.ts'

/** Markup that needs no escaping any more. Only this module makes it, so a forgotten escape does not compile. */
export interface Markup {
  readonly markup: string
}

type Part = string | number | Markup | readonly Markup[]

/** `` html`<td>${text}</td>` ``: texts are escaped, markup is taken as it is, lists are joined. */
export function html(template: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const markup = template.reduce((before, literal, index) => {
    const part = parts[index - 1]
    return before + (part === undefined ? '' : toMarkup(part)) + literal
  })
  return { markup }
}

/** A stylesheet of our own; the one text that goes in unescaped. */
export function trusted(markup: string): Markup {
  return { markup }
}

export const nothing: Markup = { markup: '' }

function toMarkup(part: Part): string {
  if (typeof part === 'number') return String(part)
  if (typeof part === 'string') return escapeHtml(part)
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('\n')
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** For text and quoted attributes. */
export function escapeHtml(text: string): string {
  return sanitizeText(text).replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
