import { distance } from 'fastest-levenshtein'

const FARTHEST = 2

/** `; did you mean "grace"?`, or `; known: …` when nothing is near and the list is short; empty otherwise. */
export function suggest(word: string, known: readonly string[], noun = 'known'): string {
  const nearest = findNearest(word, known)
  if (nearest !== undefined) return `; did you mean "${nearest}"?`
  return known.length > 0 && known.length <= 20 ? `; ${noun}: ${known.join(', ')}` : ''
}

/** The known word at most two letters away, or sharing a beginning of three, case and separators aside. */
export function findNearest(word: string, known: readonly string[]): string | undefined {
  const plain = simplify(word)
  const near = known
    .map((candidate) => ({ candidate, letters: distance(plain, simplify(candidate)) }))
    .filter(({ candidate, letters }) => letters <= Math.min(FARTHEST, candidate.length / 2))
    .sort((one, other) => one.letters - other.letters)[0]
  return near?.candidate ?? known.find((candidate) => sharesBeginning(plain, simplify(candidate)))
}

function sharesBeginning(one: string, other: string): boolean {
  const [short = '', long = ''] = one.length < other.length ? [one, other] : [other, one]
  return short.length >= 3 && long.startsWith(short)
}

function simplify(word: string): string {
  return word.replaceAll(/[-_\s]/g, '').toLowerCase()
}
