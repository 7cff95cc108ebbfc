import { toDecimal, toDigits } from '../fold/amount.ts'

type Amounts = Readonly<Record<string, string>>

/** Adds lines up by measure, to the last digit; also those of measures that the job no longer has. */
export function addAmounts(lines: readonly Amounts[]): Amounts {
  const names = [...new Set(lines.flatMap((line) => Object.keys(line)))]
  return Object.fromEntries(
    names.map((name) => {
      const texts = lines.flatMap((line) => line[name] ?? [])
      const scale = Math.max(...texts.map(digitsBehindPoint))
      return [name, toDecimal(addDigits(texts, scale), scale)]
    }),
  )
}

function digitsBehindPoint(text: string): number {
  return text.split('.')[1]?.length ?? 0
}

function addDigits(texts: readonly string[], scale: number): bigint {
  return texts.reduce((sum, text) => sum + toDigits(text, scale), 0n)
}
