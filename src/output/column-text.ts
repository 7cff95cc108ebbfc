// East Asian wide and full-width forms, and emoji.
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/gu

/** Terminal columns of a text; rather one too many (joined emoji) than one too few. */
export function columnsOf(text: string): number {
  return text.length + (text.match(wide)?.length ?? 0)
}

/**
 * Lines of at most `width` columns, between words where possible. cli-table3's own wrapping cuts words that are too
 * long, and with them the end of an id.
 */
export function breakText(text: string, width: number): readonly string[] {
  if (columnsOf(text) <= width) return [text]
  const words = text.split(/(?<=\s)/).flatMap((word) => (fits(word, width) ? [word] : fill([...word], width)))
  return fill(words, width).map((line) => line.trimEnd())
}

function fits(text: string, width: number): boolean {
  return columnsOf(text.trimEnd()) <= width
}

/** Joins `pieces` to lines, a new one where the next piece no longer fits. */
function fill(pieces: readonly string[], width: number): readonly string[] {
  return pieces.reduce<string[]>((lines, piece) => {
    const line = lines.at(-1)
    if (line === undefined || !fits(line + piece, width)) lines.push(piece)
    else lines[lines.length - 1] = line + piece
    return lines
  }, [])
}
