import { createServer } from 'node:http'

/**
 * A payment service without memory: every reference is a payment that was paid. Answers after `latencyMs`, at once
 * when it is 0. A process of its own, so that its work is not measured as ours.
 */
const latencyMs = Number(process.argv[2] ?? 0)

const server = createServer((request, response) => {
  const reference = (request.url ?? '').split('/').at(-1) ?? ''
  const body = `{"id":"pay-${reference}","orderId":"${reference}","status":"PAID","amount":12.30,"currency":"EUR","refunded":0,"refundable":12.30}`
  const answer = () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    response.end(body)
  }
  if (latencyMs === 0) answer()
  else setTimeout(answer, latencyMs)
})

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 })
})
process.on('disconnect', () => process.exit())
