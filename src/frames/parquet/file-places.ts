const [NEXT, WRITING] = [0, 1];
const FAILED = -1;

/** A row group that has no place as one before it could not be written, of which another error tells. */
export class NoPlace extends Error {
  static readonly code = "FENL_NO_PLACE";
  readonly code = NoPlace.code;
}

/** Where row groups go in a file that several threads write: one behind the other, in order. */
export class FilePlaces {
  readonly shared: SharedArrayBuffer;
  /** The number of the row group that takes its place next, and how many are being written. */
  readonly #next: Int32Array;
  /** Where it begins. */
  readonly #end: BigInt64Array;

  /** `shared`: that of the one made in another thread. */
  constructor(shared = new SharedArrayBuffer(16)) {
    this.shared = shared;
    this.#next = new Int32Array(shared, 0, 2);
    this.#end = new BigInt64Array(shared, 8, 1);
  }

  /** Sets where the first row group begins. */
  begin(at: number): void {
    this.#end[0] = BigInt(at);
  }

  /** Where all that have their places end. */
  get end(): number {
    return Number(this.#end[0]);
  }

  /** Whether all row groups before `index` have their places. */
  isNext(index: number): boolean {
    return Atomics.load(this.#next, NEXT) === index;
  }

  /**
   * Whether a row group is being written: the system lets one thread write to a file at a time, and others wait for that
   * with all their might.
   */
  get isBusy(): boolean {
    return Atomics.load(this.#next, WRITING) > 0;
  }

  /** Does what writes a row group to its place. */
  writing(write: () => void): void {
    Atomics.add(this.#next, WRITING, 1);
    try {
      write();
    } finally {
      Atomics.sub(this.#next, WRITING, 1);
    }
  }

  /** The place of row group `index`, which is known once those before it have theirs; waits for that. */
  take(index: number, size: number): number {
    for (;;) {
      const next = Atomics.load(this.#next, NEXT);
      if (next === FAILED) throw new NoPlace("another row group could not be written");
      if (next === index) break;
      Atomics.wait(this.#next, NEXT, next);
    }
    const at = Number(this.#end[0]);
    this.#end[0] = BigInt(at + size);
    // A failure stays one.
    Atomics.compareExchange(this.#next, NEXT, index, index + 1);
    Atomics.notify(this.#next, NEXT);
    return at;
  }

  /** Lets those that wait know that a row group will never have its place. */
  fail(): void {
    Atomics.store(this.#next, NEXT, FAILED);
    Atomics.notify(this.#next, NEXT);
  }
}
