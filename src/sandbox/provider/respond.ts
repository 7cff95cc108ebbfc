import type { IncomingMessage, ServerResponse } from 'node:http'
import { RowkeeperError } from '../../lib/errors.ts'
import { type Answer, compress, type Message, refuse, writeMessage } from './answer.ts'
import type { Context } from './context.ts'
import { breakLine, deliver, type Line } from './deliver.ts'
import { distortAnswer, distortMessage } from './distort.ts'
import type { Fault } from './faults.ts'
import { type Produced, withoutKey } from './perform-once.ts'
import { produce } from './produce.ts'
import type { OpenEntry } from './request-log.ts'
import { strangerTo } from './stand-in.ts'

/** One request of the API, from its head to the end of its answer. */
export async function respond(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url = '/', headers } = request
  const idempotencyKey = headers['idempotency-key']?.toString()
  const entry = context.log.receive({ method, path: url, idempotencyKey })
  response.once('close', context.log.finish)
  const produced = await produceOrRefuse(context, request, entry)
  await passTime(context, produced.fault)
  const answer = settle(context, produced)
  const line: Line = { response, clock: context.clock, stopped: context.stopped }
  if (produced.fault !== undefined && breakLine(produced.fault, line) === 'broken') return
  const message = envelope(context, answer, produced.fault, entry)
  entry.status = message.status
  await deliver(compress(message, headers['accept-encoding']?.toString() ?? ''), produced.fault, line)
}

async function produceOrRefuse(
  context: Context,
  request: IncomingMessage,
  entry: OpenEntry,
): Promise<Produced> {
  try {
    return await produce(context, request, entry)
  } catch (error) {
    if (!(error instanceof RowkeeperError)) throw error
    return withoutKey(refuse('INVALID_REQUEST', error.message))
  }
}

async function passTime(context: Context, fault: Fault | undefined): Promise<void> {
  const extra = fault?.kind === 'slowHeaders' ? fault.ms : 0
  if (context.latencyMs + extra > 0) await context.clock.sleep(context.latencyMs + extra, context.stopped)
  await context.transactionProbe?.()
}

/** A 500 after the work is what the provider itself believes it answered, so that is what its key replays. */
function settle(context: Context, { answer, fault, keep }: Produced): Answer {
  const sent =
    fault === undefined ? answer : distortAnswer(answer, fault, strangerTo(context, answer.payment))
  keep(sent.status === 500 ? sent : answer)
  return sent
}

function envelope(context: Context, answer: Answer, fault: Fault | undefined, entry: OpenEntry): Message {
  const message = writeMessage(answer)
  const { headers, ...rest } = fault === undefined ? message : distortMessage(message, fault)
  const date = context.clock.now().toUTCString()
  const requestId = `${context.requestPrefix}-${entry.sequence}`
  return { ...rest, headers: { ...headers, date, 'x-request-id': requestId } }
}
