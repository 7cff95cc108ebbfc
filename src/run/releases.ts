/** Things to give back, in reverse order of getting them. */
export interface Releases {
  add(release: () => Promise<void> | void): void
  /** Releases everything, whatever fails on the way. */
  run(): Promise<void>
}

export function createReleases(): Releases {
  const stack: (() => Promise<void> | void)[] = []
  return {
    add: (release) => stack.push(release),
    async run() {
      for (let release = stack.pop(); release !== undefined; release = stack.pop()) {
        // The outcome is already decided; what cannot be given back ends with the process.
        await Promise.resolve()
          .then(release)
          .catch(() => {})
      }
    },
  }
}
