import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { stdin } from 'node:process'
import { addAbortSignal, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { binaryInput, brokenArchive, inputMissing } from './errors.ts'

/** What a file or stream holds, without its compression. Offsets are bytes of that. */
export interface Content {
  readonly name: string
  /** Undefined for a stream. */
  readonly bytes: number | undefined
  /** The first bytes, as many as there are up to `HEAD_BYTES`. */
  readonly head: Buffer
  /** Once for a stream. */
  chunks(from: number): AsyncIterable<Buffer>
}

/** So much tells one log from another: its first lines carry times. */
export const HEAD_BYTES = 64 * 1024

const GZIP = Buffer.from([0x1f, 0x8b])

/**
 * A file, plain or compressed with gzip, whatever its name. A compressed one is read through once: only its end tells
 * whether it is whole, and then nothing has been counted yet.
 *
 * @throws RowkeeperError `rollup.inputMissing` (66), `rollup.inputBroken`, `rollup.inputBinary` (65)
 */
export async function openFile(path: string, signal: AbortSignal): Promise<Content> {
  const isFile = await stat(path).then(
    (found) => found.isFile() || found.isFIFO(),
    () => false,
  )
  if (!isFile) throw inputMissing(path)
  const isGzip = (await readStart(path, GZIP.length)).equals(GZIP)
  const chunks = (from: number) => (isGzip ? unpacked(path, from, signal) : plain(path, from, signal))
  const bytes = isGzip ? await measureUnpacked(path, signal) : (await stat(path)).size
  const head = await readHead(chunks(0))
  refuseBinary(path, head)
  return { name: path, bytes, head, chunks }
}

/** Standard input, plain or compressed; what of it was counted before is read and left out. */
export async function openStream(signal: AbortSignal): Promise<Content> {
  // Nobody may come with the next line for hours, and then a stop must not wait for it.
  const input: AsyncIterator<Buffer> = addAbortSignal(signal, stdin)[Symbol.asyncIterator]()
  const first = await input.next()
  const start = first.done === true ? Buffer.alloc(0) : first.value
  const raw = (async function* () {
    yield start
    for (let next = await input.next(); next.done !== true; next = await input.next()) yield next.value
  })()
  const isGzip = start.subarray(0, GZIP.length).equals(GZIP)
  const all = isGzip ? unpack(raw) : raw
  if (!isGzip) refuseBinary('standard input', start.subarray(0, HEAD_BYTES))
  return {
    name: '-',
    bytes: undefined,
    head: start.subarray(0, HEAD_BYTES),
    chunks: (from) => skip(all, from),
  }
}

async function readStart(path: string, bytes: number): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function* plain(path: string, from: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  const stream: Readable = createReadStream(path, { start: from, highWaterMark: 1024 * 1024, signal })
  for await (const chunk of stream) yield chunk as Buffer
}

function unpacked(path: string, from: number, signal: AbortSignal): AsyncIterable<Buffer> {
  return skip(unpack(plain(path, 0, signal), path), from)
}

async function* unpack(raw: AsyncIterable<Buffer>, name = 'standard input'): AsyncGenerator<Buffer> {
  const gunzip = createGunzip()
  // Whoever stops reading early ends it, and with it the file behind; what goes wrong is heard from the reading below.
  pipeline(raw, gunzip).catch(() => {})
  try {
    for await (const chunk of gunzip) yield chunk as Buffer
  } catch (error) {
    throw brokenArchive(name, error)
  }
}

async function* skip(chunks: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes
  for await (const chunk of chunks) {
    if (left >= chunk.length) left -= chunk.length
    else {
      yield chunk.subarray(left)
      left = 0
    }
  }
}

async function measureUnpacked(path: string, signal: AbortSignal): Promise<number> {
  let bytes = 0
  for await (const chunk of unpacked(path, 0, signal)) bytes += chunk.length
  return bytes
}

async function readHead(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    bytes += chunk.length
    if (bytes >= HEAD_BYTES) break
  }
  return Buffer.concat(parts).subarray(0, HEAD_BYTES)
}

function refuseBinary(name: string, head: Buffer): void {
  const isText = !head.includes(0) && isUtf8(head.subarray(0, head.lastIndexOf(10) + 1 || head.length))
  if (!isText) throw binaryInput(name)
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

export function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** So much before the place where counting goes on must be what it was. */
export const TAIL_BYTES = 4096
