import type { EncodeMemory } from "./encode-kernels.ts";

/** What a page tells, before its values, of where they belong. */
export interface Levels {
  /** Bytes that they take. */
  readonly size: number;
  /** Writes them so that they end at an address. */
  writeBefore(address: number): void;
}

/** A number in seven bits a byte. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
  bytes.push(left);
  return bytes;
}

/** The head of a run of packed numbers: they come in eights. */
export function packedHead(values: number): number[] {
  return varint(2 * Math.ceil(values / 8) + 1);
}

/** A run of one level, told once. */
function oneLevel(entries: number, level: number): number[] {
  return entries === 0 ? [] : [...varint(2 * entries), level];
}

function writeLength(bytes: Uint8Array, at: number, length: number): void {
  for (let byte = 0; byte < 4; byte++) bytes[at + byte] = length >>> (8 * byte);
}

/** Which rows have values. */
export class PresenceLevels implements Levels {
  readonly size: number;
  readonly #memory: EncodeMemory;
  readonly #head: readonly number[];
  readonly #rows: number;
  readonly #valid: number | null;

  /** `valid`: where a byte for each row is, with zeros behind them; null where all rows have values. */
  constructor(memory: EncodeMemory, rows: number, valid: number | null) {
    this.#memory = memory;
    this.#rows = rows;
    this.#valid = valid;
    this.#head = valid === null ? oneLevel(rows, 1) : packedHead(rows);
    this.size = 4 + this.#head.length + (valid === null ? 0 : Math.ceil(rows / 8));
  }

  writeBefore(address: number): void {
    const { bytes, run } = this.#memory;
    const at = address - this.size;
    writeLength(bytes, at, this.size - 4);
    bytes.set(this.#head, at + 4);
    if (this.#valid !== null) run.bitsOfBytes(this.#valid, this.#rows, at + 4 + this.#head.length);
  }
}

/** What an entry of a column of lists is. */
export const ENTRY = { noList: 0, emptyList: 1, noItem: 2, item: 3 } as const;

/** Where lists begin, and which of them and their items there are. */
export class ListLevels implements Levels {
  readonly size: number;
  readonly #memory: EncodeMemory;
  readonly #entries: number;
  readonly #within: number;
  readonly #kinds: number | null;
  readonly #withinHead: readonly number[];
  readonly #kindsHead: readonly number[];

  /**
   * `within`: where a byte for each entry is, with zeros behind them: 1 for an item that is not the first of its list.
   * `kinds`: where a word for each entry is, one of {@link ENTRY}; null where all are items.
   */
  constructor(memory: EncodeMemory, entries: number, within: number, kinds: number | null) {
    this.#memory = memory;
    this.#entries = entries;
    this.#within = within;
    this.#kinds = kinds;
    this.#withinHead = packedHead(entries);
    this.#kindsHead = kinds === null ? oneLevel(entries, ENTRY.item) : packedHead(entries);
    this.size = 4 + this.#withinSize + 4 + this.#kindsSize;
  }

  get #withinSize(): number {
    return this.#withinHead.length + Math.ceil(this.#entries / 8);
  }

  get #kindsSize(): number {
    return this.#kindsHead.length + (this.#kinds === null ? 0 : 2 * Math.ceil(this.#entries / 8));
  }

  writeBefore(address: number): void {
    const { bytes, run } = this.#memory;
    let at = address - this.size;
    writeLength(bytes, at, this.#withinSize);
    bytes.set(this.#withinHead, at + 4);
    run.bitsOfBytes(this.#within, this.#entries, at + 4 + this.#withinHead.length);
    at += 4 + this.#withinSize;
    writeLength(bytes, at, this.#kindsSize);
    bytes.set(this.#kindsHead, at + 4);
    if (this.#kinds === null) return;
    run.packWords(this.#kinds, 8 * Math.ceil(this.#entries / 8), 2n, at + 4 + this.#kindsHead.length);
  }
}
