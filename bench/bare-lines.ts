import { createReadStream } from 'node:fs'

/** The limit: the lines of a web log read, split, parsed and counted in a Map, and nothing else. */
const [path = ''] = process.argv.slice(2)
const LINE =
  /^(\S+) \S+ (\S+) \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?/
const counts = new Map<string, number>()
const begun = performance.now()
const cpu = process.cpuUsage()
let rest = ''
for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1024 * 1024 })) {
  const lines = (rest + chunk).split('\n')
  rest = lines.pop() ?? ''
  for (const line of lines) {
    const [, , , time = '', request = ''] = LINE.exec(line) ?? []
    const name = `${request.split(' ')[1]} ${time.slice(0, 14)}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
}
const used = process.cpuUsage(cpu)
process.send?.({
  milliseconds: performance.now() - begun,
  cpuMilliseconds: (used.user + used.system) / 1000,
  maximumMegabytes: process.resourceUsage().maxRSS / 1024,
})
process.disconnect?.()
