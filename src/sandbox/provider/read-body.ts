import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip } from 'node:zlib'
import { type Fields, invalidRequest, readFields } from './fields.ts'
import { readJson } from './json.ts'

/** A million payments in one request are about 150 MB. */
const LARGEST_BODY_BYTES = 256 * 1024 * 1024

/** The body, decoded. Throws `sandbox.request.invalid` when it is too large or not what its encoding says. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (!announcesBody(request)) return noBody
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > LARGEST_BODY_BYTES)
      throw invalidRequest(`The body is larger than ${LARGEST_BODY_BYTES} bytes.`)
    chunks.push(chunk)
  }
  return decode(Buffer.concat(chunks), request.headers['content-encoding'] ?? 'identity')
}

const noBody = Buffer.alloc(0)

// Iterating over an empty stream costs a look-up a quarter of its time.
const announcesBody = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined

export const hashBody = (body: Buffer): string => createHash('sha256').update(body).digest('hex')

/** Throws `sandbox.request.invalid`. */
export function parseBody(body: Buffer): unknown {
  try {
    return readJson(body.toString('utf8'))
  } catch {
    throw invalidRequest('The body is not JSON.')
  }
}

/** The members of a JSON object; an empty body has none. */
export const parseFields = (body: Buffer): Fields => readFields(body.length === 0 ? {} : parseBody(body))

const decoders = { gzip: promisify(gunzip), br: promisify(brotliDecompress) }

async function decode(body: Buffer, encoding: string): Promise<Buffer> {
  if (encoding === 'identity') return body
  if (encoding !== 'gzip' && encoding !== 'br')
    throw invalidRequest(`The encoding "${encoding}" is not known.`)
  try {
    return await decoders[encoding](body, { maxOutputLength: LARGEST_BODY_BYTES })
  } catch {
    throw invalidRequest(`The body is not ${encoding}.`)
  }
}
