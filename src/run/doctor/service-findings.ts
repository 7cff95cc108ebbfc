import type { ServiceConfig } from '../../config/schema.ts'
import type { Answer } from '../../http/answer.ts'
import { createRemote } from '../../http/remote.ts'
import { unreachable } from '../../lib/errors.ts'
import type { Finding } from '../events.ts'
import type { Surroundings } from '../launch.ts'
import { remoteConfig } from '../settings.ts'

/** One GET of the base URL, with the configured credentials and without retries. Any HTTP answer means: reachable. */
export async function examineService(
  name: string,
  config: ServiceConfig,
  { clock, random, control }: Pick<Surroundings, 'clock' | 'random' | 'control'>,
): Promise<readonly Finding[]> {
  const remote = createRemote({
    config: { ...remoteConfig(name, config), retries: 0 },
    clock,
    random,
    onEvent: () => {},
  })
  try {
    const answer = await remote.reader.get({ path: '/', stop: control.stop, kill: control.kill })
    return [judge(name, config.baseUrl, answer)]
  } finally {
    await remote.close()
  }
}

function judge(name: string, baseUrl: string, answer: Answer): Finding {
  const where = `${name} (${baseUrl})`
  switch (answer.kind) {
    case 'answered':
      return judgeStatus(name, where, answer.status, answer.durationMs)
    case 'bad':
      if (answer.status !== undefined) return judgeStatus(name, where, answer.status, answer.durationMs)
      return notReached(name, `${where} answers ${answer.reason}.`, answer.hint)
    case 'unanswered':
      return notReached(name, `${where} took the request and gave no answer: ${answer.reason}.`, undefined)
    case 'notSent':
      return notReached(name, `${where} cannot be reached: ${answer.reason}.`, answer.hint)
    case 'held':
      return notReached(name, `${where} was not asked: ${answer.reason}.`, undefined)
    default:
      return unreachable(answer)
  }
}

function judgeStatus(name: string, where: string, status: number, durationMs: number): Finding {
  if (status === 401 || status === 403)
    return {
      id: 'service.credentials',
      severity: 'warning',
      evidence: `${where} is reachable, and answers ${status} to the configured credentials.`,
      fix: `Check services.${name}.auth with: rowkeeper config show`,
    }
  if (status >= 500)
    return {
      id: 'service.failing',
      severity: 'warning',
      evidence: `${where} is reachable, and answers ${status}.`,
      fix: `Ask its operators. Some services answer so at their base URL only; then nothing is wrong.`,
    }
  return {
    id: 'service.reachable',
    severity: 'ok',
    evidence: `${where} answers ${status} after ${Math.round(durationMs)} ms.`,
  }
}

function notReached(name: string, evidence: string, hint: string | undefined): Finding {
  const fix = hint ?? `Check services.${name}.baseUrl and the network between, then run: rowkeeper doctor`
  return { id: 'service.unreachable', severity: 'error', evidence, fix }
}
