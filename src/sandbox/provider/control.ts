import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { RowkeeperError } from '../../lib/errors.ts'
import { type Answer, answerDocument, answerPayment, refuse, writeMessage } from './answer.ts'
import type { Context } from './context.ts'
import { ignoreHangUp } from './deliver.ts'
import { type Fields, readFields } from './fields.ts'
import type { JsonObject } from './json.ts'
import { refundOutcomes } from './payment.ts'
import { parseBody, parseFields, readBody } from './read-body.ts'
import { readFault, readNewPayment } from './read-input.ts'
import type { LogEntry } from './request-log.ts'
import { type ControlRoute, parseControlRoute } from './route.ts'

/** One request of the operator's side, `/_sandbox/…`: the truth, without token, latency, faults or log. */
export async function respondToOperator(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const route = parseControlRoute(request.method ?? 'GET', request.url ?? '/')
    if (route?.name === 'showLog') return await sendLog(context.log.entries(), response)
    const body = await readBody(request)
    sendAnswer(route === undefined ? refuse('NO_SUCH_PATH') : answerOperator(context, route, body), response)
  } catch (error) {
    if (!(error instanceof RowkeeperError)) throw error
    sendAnswer(refuse('INVALID_REQUEST', error.message), response)
  }
}

function sendAnswer(answer: Answer, response: ServerResponse): void {
  const { status, headers, payload } = writeMessage(answer)
  response.writeHead(status, headers).end(payload)
}

function answerOperator(
  context: Context,
  route: Exclude<ControlRoute, { name: 'showLog' }>,
  body: Buffer,
): Answer {
  const { payments, faults } = context
  switch (route.name) {
    case 'addPayments': {
      const ids = readList(body).map((fields) => payments.create(readNewPayment(fields)).id)
      return answerDocument({ created: ids.length, ids }, 201)
    }
    case 'showPayment': {
      const payment = payments.get(route.id)
      return payment === undefined ? refuse('PAYMENT_NOT_FOUND') : answerPayment(payment)
    }
    case 'addFaults':
      for (const fault of readList(body).map(readFault)) faults.add(fault)
      return listFaults(context, 201)
    case 'listFaults':
      return listFaults(context, 200)
    case 'clearFaults':
      faults.clear()
      return listFaults(context, 200)
    case 'settleRefund': {
      const outcome = parseFields(body).optionalChoice('outcome', refundOutcomes) ?? 'SUCCEEDED'
      const payment = payments.settleRefund(route.id, outcome)
      return payment === undefined ? refuse('PAYMENT_NOT_FOUND') : answerPayment(payment)
    }
  }
}

/** One object, or an array of them. */
function readList(body: Buffer): readonly Fields[] {
  const value = parseBody(body)
  return Array.isArray(value) ? value.map(readFields) : [readFields(value)]
}

function listFaults({ faults }: Context, status: number): Answer {
  return answerDocument({ faults: faults.active().map((fault): JsonObject => ({ ...fault })) }, status)
}

async function sendLog(entries: readonly LogEntry[], response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`)
  await pipeline(Readable.from(lines), response).catch(ignoreHangUp)
}
