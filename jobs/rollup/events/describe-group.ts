/** What an operator reads: `42`, or `42, blog`. */
export function describeGroup(group: readonly string[]): string {
  return group.join(', ')
}
