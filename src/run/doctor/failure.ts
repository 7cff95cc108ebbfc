import { asRowkeeperError } from '../../lib/errors.ts'
import type { Finding } from '../events.ts'

/** A check that could not be made is a finding too, under the error's own code; the other checks go on. */
export async function findingsOf(
  subject: string,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look()
  } catch (thrown) {
    const { code, message, hint } = asRowkeeperError(thrown)
    return [{ id: code, severity: 'error', evidence: `${subject}: ${message}`, fix: hint }]
  }
}
