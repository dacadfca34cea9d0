/** What a query had no memory for. Plain data. */
export interface Exhaustion {
  /** The aggregation that keeps most of the entity at hand; absent: it is not known what took the memory. */
  readonly aggregation?: HeldState;
  /** What was being made of the answer, where the query had run. */
  readonly form?: string;
  /** What the machine said, where it was the machine that had no more. */
  readonly reason?: string;
}

/** What an aggregation keeps of an entity. */
export interface HeldState {
  readonly function: string;
  readonly bytes: number;
  /** What all aggregations of the stage keep of the entity, with the texts and lists that these are made of. */
  readonly all: number;
  /** The entity's `_key_hash`, as decimal text. */
  readonly keyHash: string;
  /** The bytes that they may keep. */
  readonly most: number;
}

/** A query needs more memory than it may take or than there is, and no temporary file can take its place. */
export class MemoryExhausted extends Error {
  override readonly name = "MemoryExhausted";
  readonly exhaustion: Exhaustion;

  constructor(exhaustion: Exhaustion) {
    super(messageOf(exhaustion));
    this.exhaustion = exhaustion;
  }
}

function messageOf({ aggregation, form, reason }: Exhaustion): string {
  if (aggregation === undefined) {
    return `${form === undefined ? "the query" : `'${form}' of its answer`} needs more memory than there is: ${reason}`;
  }
  const { function: name, bytes, all, keyHash, most } = aggregation;
  return `'${name}' keeps ${megabytes(bytes)} of the entity with _key_hash ${keyHash}, of ${megabytes(all)} that are kept of it with all texts and lists; ${megabytes(most)} may be`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toPrecision(3)} MB`;
}

const NO_MEMORY =
  /^(Invalid (typed )?array length|Invalid string length|Array buffer allocation failed|(Map|Set) maximum size exceeded|WebAssembly\.Memory\.grow|Invalid array buffer length)/;
const NO_MEMORY_CODES: readonly unknown[] = [
  "ERR_WORKER_OUT_OF_MEMORY",
  "ERR_STRING_TOO_LONG",
  "ERR_BUFFER_TOO_LARGE",
  "ERR_MEMORY_ALLOCATION_FAILED",
];

/** What an error, or its cause, tells of memory that there is not; null where it tells of something else. */
export function exhaustionOf(error: unknown): Exhaustion | null {
  if (error instanceof MemoryExhausted) return error.exhaustion;
  if (!(error instanceof Error)) return null;
  const { code } = error as NodeJS.ErrnoException;
  const isOut = (error instanceof RangeError && NO_MEMORY.test(error.message)) || NO_MEMORY_CODES.includes(code);
  if (isOut) return { reason: error.message };
  return error.cause === undefined ? null : exhaustionOf(error.cause);
}
