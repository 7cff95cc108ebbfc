import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Clock } from '../../lib/clock.ts'
import type { Message } from './answer.ts'
import type { Fault } from './faults.ts'

/** The open end of a request. */
export interface Line {
  readonly response: ServerResponse
  readonly clock: Clock
  /** Aborts when the provider stops. */
  readonly stopped: AbortSignal
}

/** For the faults that leave no answer at all. `whole`: the fault is another one, and nothing happened. */
export function breakLine(fault: Fault, { response }: Line): 'broken' | 'whole' {
  switch (fault.kind) {
    case 'resetBefore':
    case 'resetAfter':
      response.socket?.resetAndDestroy()
      return 'broken'
    case 'closeBefore':
    case 'closeAfter':
      response.socket?.destroySoon()
      return 'broken'
    case 'garbageProtocol':
      response.socket?.write('220 smtp.example.test ESMTP ready\r\n')
      response.socket?.destroySoon()
      return 'broken'
    case 'hang':
    case 'hangAfter':
      return 'broken'
    default:
      return 'whole'
  }
}

/** Sends the message, well or badly. */
export async function deliver(message: Message, fault: Fault | undefined, line: Line): Promise<void> {
  switch (fault?.kind) {
    case 'slowDrip':
      return dripBody(message, fault.msPerByte, line)
    case 'bodyStall':
      return sendHalf(message, line)
    case 'truncatedBody':
      sendHalf(message, line)
      line.response.socket?.destroySoon()
      return
    case 'hugeBody':
      return sendHugeBody(message, fault.bytes ?? HUGE_BODY_BYTES, line)
    default:
      sendHead(message, line).end(message.payload)
  }
}

function sendHead({ status, headers, payload }: Message, { response }: Line): ServerResponse {
  const length = status === 204 ? {} : { 'content-length': Buffer.byteLength(payload) }
  return response.writeHead(status, { ...headers, ...length })
}

function sendHalf(message: Message, line: Line): void {
  const bytes = Buffer.from(message.payload)
  sendHead(message, line).write(bytes.subarray(0, bytes.length / 2))
}

async function dripBody(message: Message, msPerByte: number, line: Line): Promise<void> {
  const { clock, stopped } = line
  const response = sendHead(message, line)
  for (const byte of Buffer.from(message.payload)) {
    if (response.destroyed) return
    response.write(Uint8Array.of(byte))
    await clock.sleep(msPerByte, stopped)
  }
  response.end()
}

const HUGE_BODY_BYTES = 64 * 1024 * 1024
const HUGE_CHUNK = 'x'.repeat(64 * 1024)

/** One JSON object with one very long text; chunked, so nobody is warned by a length. */
async function sendHugeBody({ status, headers }: Message, bytes: number, { response }: Line): Promise<void> {
  response.writeHead(status, headers)
  await pipeline(Readable.from(hugeDocument(bytes)), response).catch(ignoreHangUp)
}

function* hugeDocument(bytes: number): Generator<string> {
  yield '{"padding":"'
  for (let left = bytes; left > 0; left -= HUGE_CHUNK.length) yield HUGE_CHUNK.slice(0, left)
  yield '"}'
}

/** A client that has read enough hangs up; that is its right. */
export const ignoreHangUp = (): void => {}
