import { DatabaseError } from '../../../src/db/errors.ts'
import { formatCount, plural } from '../../../src/lib/units.ts'
import type { Read } from '../../../src/run/context.ts'
import type { Route } from '../tables.ts'
import { listRisks } from './conditions.ts'
import type { Risk, RiskFinding } from './model.ts'
import { countRisks, selectRiskKeys, selectTwins } from './sql.ts'
import { listUniques, type UniqueQuestion } from './uniques.ts'

const SAMPLES = 5

/** Which rows would break the copy, or be changed by it: known before it begins, and not hours later. */
export async function findRisks(read: Read, route: Route): Promise<readonly RiskFinding[]> {
  const risks = route.pairs.flatMap(listRisks)
  const findings: RiskFinding[] = []
  try {
    findings.push(...(await askRows(read, route, risks)))
    for (const question of listUniques(route)) findings.push(...(await askTwins(read, route, question)))
  } catch (error) {
    if (!isTimeOut(error)) throw error
    findings.push(unasked)
  }
  return findings
}

/** A large table takes longer than a statement may: then the copy finds out. */
const unasked: RiskFinding = {
  weight: 'change',
  text: 'The rows could not be looked at within the statement timeout of the database: a value that does not fit ends the copy.',
  count: 0,
  samples: [],
}

function isTimeOut(error: unknown): boolean {
  return error instanceof DatabaseError && (error.kind === 'killed' || error.kind === 'statementOnly')
}

async function askRows(read: Read, route: Route, risks: readonly Risk[]): Promise<readonly RiskFinding[]> {
  if (risks.length === 0) return []
  const [row = {}] = await read((session) => session.rows(countRisks(route, risks)))
  const findings: RiskFinding[] = []
  for (const [index, risk] of risks.entries()) {
    const count = Number(row[`risk_${index}`])
    if (count === 0) continue
    const rows = await read((session) => session.rows(selectRiskKeys(route, risk, SAMPLES)))
    const samples = rows.map((found) => route.key.pairs.map((_, at) => String(found[`key_${at}`])).join(', '))
    const have = count === 1 ? 'has a value that' : 'have a value that'
    const text = `${plural(count, 'row')} ${have} ${risk.what}: ${risk.column}`
    findings.push({ weight: risk.weight, text, count, samples })
  }
  return findings
}

async function askTwins(read: Read, route: Route, question: UniqueQuestion): Promise<readonly RiskFinding[]> {
  const rows = await read((session) => session.rows(selectTwins(route, question, SAMPLES + 1)))
  if (rows.length === 0) return []
  const samples = rows
    .slice(0, SAMPLES)
    .map((row) => question.values.map((_, at) => String(row[`value_${at}`])).join(', '))
  const count =
    rows.length > SAMPLES ? `more than ${formatCount(SAMPLES)} values` : plural(rows.length, 'value')
  const text = `${count} of ${question.columns.join(', ')} ${rows.length === 1 ? 'is' : 'are'} in several rows, and ${question.index} is to be unique`
  return [{ weight: 'refuse', text, count: rows.length, samples }]
}
