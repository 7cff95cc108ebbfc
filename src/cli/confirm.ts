import { createInterface } from 'node:readline/promises'
import type { Invocation } from './shell.ts'

/**
 * A yes for something that cannot be undone: `--yes`, or the name typed back on a terminal. Off a terminal nobody is
 * asked; the answer is then no.
 */
export async function confirmByName(
  { shell, globals, control }: Invocation,
  question: string,
  name: string,
): Promise<boolean> {
  if (globals.yes) return true
  const { process } = shell
  if (!globals.input || process.stdin.isTTY !== true) return false
  const dialogue = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await dialogue.question(`${question}\nType ${name} to confirm: `, { signal: control.stop })
    return answer.trim() === name
  } finally {
    dialogue.close()
  }
}
