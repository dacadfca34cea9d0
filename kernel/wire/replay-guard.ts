const KEPT = 65_536;

/** Remembers the signatures of the last messages, so that a recorded message cannot be sent a second time. */
export class ReplayGuard {
  readonly #seen = new Set<string>();

  /** Whether a signature is new; it is remembered. An empty one, of an unsigned connection, is always new. */
  isNew(signature: string): boolean {
    if (signature === "") return true;
    if (this.#seen.has(signature)) return false;
    this.#seen.add(signature);
    if (this.#seen.size > KEPT) {
      const [oldest] = this.#seen;
      this.#seen.delete(oldest!);
    }
    return true;
  }
}
