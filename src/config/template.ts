import { z } from 'zod'
import { checkText, fieldKinds } from './fields.ts'

export type JsonTemplate =
  | string
  | number
  | boolean
  | null
  | readonly JsonTemplate[]
  | { readonly [key: string]: JsonTemplate }

/** A path such as `/payments/{id}/cancel`: begins with one slash, and uses at least one of the placeholders. */
export function pathTemplate(placeholders: readonly string[]): z.ZodType<string, string> {
  return checkText((text) => findPathProblem(text, placeholders)).register(fieldKinds, {
    kind: 'path',
    secrecy: 'plain',
  })
}

/** Any JSON; placeholders stand in its texts. */
export function jsonTemplate(placeholders: readonly string[]): z.ZodType<JsonTemplate, JsonTemplate> {
  return z
    .json()
    .superRefine((template, context) => {
      for (const text of textsIn(template)) {
        const message = findPlaceholderProblem(text, placeholders)
        if (message !== undefined) context.addIssue({ code: 'custom', message })
      }
    })
    .register(fieldKinds, { kind: 'JSON', secrecy: 'plain' })
}

function findPathProblem(text: string, placeholders: readonly string[]): string | undefined {
  if (!/^\/(?!\/)/.test(text)) return 'a path begins with one slash, such as /payments/{id}'
  if (text.includes('#')) return 'a path has no #'
  if (text.split('/').some((segment) => segment === '.' || segment === '..'))
    return 'a path has no . or .. in it'
  if (!placeholders.some((name) => text.includes(`{${name}}`)))
    return `the path must say which one is meant: use ${listed(placeholders)}`
  return findPlaceholderProblem(text, placeholders)
}

function findPlaceholderProblem(text: string, placeholders: readonly string[]): string | undefined {
  const names = [...text.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? '')
  const unknown = names.find((name) => !placeholders.includes(name))
  return unknown === undefined
    ? undefined
    : `unknown placeholder {${unknown}}; known: ${listed(placeholders)}`
}

function listed(placeholders: readonly string[]): string {
  return placeholders.map((name) => `{${name}}`).join(', ')
}

function textsIn(template: z.core.util.JSONType): string[] {
  if (typeof template === 'string') return [template]
  if (typeof template !== 'object' || template === null) return []
  return Object.values(template).flatMap(textsIn)
}
