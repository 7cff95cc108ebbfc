/** One JSON document and a line break, as `--format json` puts it on stdout; indented, because people read it too. */
export function writeJson(document: unknown): string {
  return `${JSON.stringify(document, undefined, 2)}\n`
}
