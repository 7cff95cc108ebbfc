import { exitCodes, RowkeeperError } from '../../lib/errors.ts'

/** The members of a JSON object, each read with the type it must have. */
export interface Fields {
  /** Throws `sandbox.request.invalid` when the member is missing or no text. */
  text(name: string): string
  optionalText(name: string): string | undefined
  /** Text in a closed list. */
  optionalChoice<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined
  /** A number 0 or above. */
  optionalNumber(name: string): number | undefined
  optionalFields(name: string): Fields | undefined
  optionalTime(name: string): Date | undefined
}

/** What a caller sent makes no sense. Over HTTP it is answered with 400 INVALID_REQUEST. */
export function invalidRequest(message: string): RowkeeperError {
  return new RowkeeperError({ code: 'sandbox.request.invalid', message, exitCode: exitCodes.badInput })
}

export function readFields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidRequest('A JSON object was expected.')
  }
  const members = new Map<string, unknown>(Object.entries(value))
  const optionalText = (name: string) => readText(name, members.get(name))
  return {
    optionalText,
    text: (name) => optionalText(name) ?? missing(name),
    optionalChoice: (name, choices) => readChoice(name, optionalText(name), choices),
    optionalNumber: (name) => readNumber(name, optionalText(name)),
    optionalTime: (name) => readTime(name, optionalText(name)),
    optionalFields: (name) => (members.get(name) === undefined ? undefined : readFields(members.get(name))),
  }
}

function readText(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw invalidRequest(`"${name}" must be text or a number.`)
  return value
}

function readChoice<Choice extends string>(
  name: string,
  text: string | undefined,
  choices: readonly Choice[],
): Choice | undefined {
  if (text === undefined) return undefined
  const choice = choices.find((candidate) => candidate === text)
  if (choice === undefined) throw invalidRequest(`"${name}" is "${text}"; it must be ${choices.join(', ')}.`)
  return choice
}

function readNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (!(number >= 0)) throw invalidRequest(`"${name}" is "${text}"; it must be a number, 0 or above.`)
  return number
}

function readTime(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const milliseconds = Date.parse(text)
  if (Number.isNaN(milliseconds)) throw invalidRequest(`"${name}" is "${text}"; it must be an ISO 8601 time.`)
  return new Date(milliseconds)
}

function missing(name: string): never {
  throw invalidRequest(`"${name}" is missing.`)
}
