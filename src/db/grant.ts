/**
 * The right to write. Opening a write pool asks for one, and only the runner mints it, after preflight and lease.
 * A class with a private member is nominal in TypeScript: no plain object fits.
 */
export class WriteGrant {
  readonly #minted = true
  readonly purpose: string

  private constructor(purpose: string) {
    this.purpose = purpose
  }

  /** The architecture test allows exactly one caller for each purpose. */
  static mint(purpose: string): WriteGrant {
    return new WriteGrant(purpose)
  }

  get isMinted(): boolean {
    return this.#minted
  }
}
