import { invalidRequest } from './fields.ts'

/** What a request asks for. */
export type ApiRoute =
  | { readonly name: 'create' }
  | { readonly name: 'cancel'; readonly id: string }
  | { readonly name: 'lookup'; readonly reference: string }
  | { readonly name: 'lookupOrder'; readonly orderId: string }
  | { readonly name: 'list'; readonly start: number; readonly limit: number }

/** The operator's side: no token, no faults, no log. */
export type ControlRoute =
  | { readonly name: 'addPayments' }
  | { readonly name: 'showPayment'; readonly id: string }
  | { readonly name: 'addFaults' }
  | { readonly name: 'listFaults' }
  | { readonly name: 'clearFaults' }
  | { readonly name: 'showLog' }
  | { readonly name: 'settleRefund'; readonly id: string }

const CONTROL_PREFIX = '/_sandbox/'

export const isControlPath = (target: string): boolean => target.startsWith(CONTROL_PREFIX)

/** Undefined: there is nothing at this path. Throws `sandbox.request.invalid` on a path or query that cannot be read. */
export function parseApiRoute(method: string, target: string): ApiRoute | undefined {
  const [path = '', query = ''] = target.split('?', 2)
  const parts = splitPath(path.slice(1))
  const [, name = ''] = parts
  switch (patternOf(method, parts)) {
    case 'POST payments':
      return { name: 'create' }
    case 'POST payments/*/cancel':
      return { name: 'cancel', id: name }
    case 'GET payments/*':
      return { name: 'lookup', reference: name }
    case 'GET orders/*/payments':
      return { name: 'lookupOrder', orderId: name }
    case 'GET payments':
      return parsePage(query)
    default:
      return undefined
  }
}

/** As `parseApiRoute`, for the paths below `/_sandbox/`. */
export function parseControlRoute(method: string, target: string): ControlRoute | undefined {
  const [path = ''] = target.split('?', 1)
  const parts = splitPath(path.slice(CONTROL_PREFIX.length))
  const [, id = ''] = parts
  switch (patternOf(method, parts)) {
    case 'POST payments':
      return { name: 'addPayments' }
    case 'GET payments/*':
      return { name: 'showPayment', id }
    case 'POST faults':
      return { name: 'addFaults' }
    case 'GET faults':
      return { name: 'listFaults' }
    case 'DELETE faults':
      return { name: 'clearFaults' }
    case 'GET log':
      return { name: 'showLog' }
    case 'POST refunds/*/settle':
      return { name: 'settleRefund', id }
    default:
      return undefined
  }
}

/** `GET payments/*`: the second part of every path is a name, the others are fixed. */
function patternOf(method: string, parts: readonly string[]): string {
  const pattern = parts.map((part, index) => (index === 1 && part !== '' ? '*' : part)).join('/')
  return `${method === 'HEAD' ? 'GET' : method} ${pattern}`
}

function splitPath(path: string): readonly string[] {
  try {
    return path.split('/').map(decodeURIComponent)
  } catch {
    throw invalidRequest(`The path "${path}" has a broken %-escape.`)
  }
}

const PAGE_SIZE = 100
const LARGEST_PAGE_SIZE = 1000

function parsePage(query: string): ApiRoute {
  const parameters = new URLSearchParams(query)
  const start = readWhole('cursor', parameters.get('cursor') ?? '0')
  const limit = readWhole('limit', parameters.get('limit') ?? String(PAGE_SIZE))
  if (limit < 1 || limit > LARGEST_PAGE_SIZE) {
    throw invalidRequest(`"limit" is ${limit}; it must be 1 to ${LARGEST_PAGE_SIZE}.`)
  }
  return { name: 'list', start, limit }
}

function readWhole(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw invalidRequest(`"${name}" is "${text}"; that is not one of ours.`)
  return Number(text)
}
