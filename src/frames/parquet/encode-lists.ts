import { isListed } from "../../execute/rows/dictionary.ts";
import type { ListParts, RowSetColumn } from "../../execute/rows/row-set.ts";
import type { TextBytes } from "../../execute/rows/text-bytes.ts";
import { isText } from "../../values/fenl-type.ts";
import type { EncodedChunk } from "./column-chunk.ts";
import type { EncodeMemory } from "./encode-kernels.ts";
import { encodeNumbers, widthOf } from "./encode-numbers.ts";
import { encodeTextChunk, localCodes } from "./encode-texts.ts";
import { ENTRY, ListLevels } from "./levels.ts";
import type { PresentValues } from "./present-values.ts";

/** Encodes a column of lists of numbers, times, booleans or texts; null where its items are something else. */
export function encodeLists(memory: EncodeMemory, column: RowSetColumn, name: string): EncodedChunk | null {
  const { type, dictionary } = column;
  if (type.kind !== "list" || dictionary === undefined || isListed(dictionary) || dictionary.kind !== "lists")
    return null;
  const { items } = dictionary;
  const path = [name, "list", "item"];
  if (items.dictionary === undefined) {
    if (type.item.kind === "null" || type.item.kind === "record") return null;
    return encodeNumbers(memory, path, type.item, listItems(memory, column, dictionary));
  }
  if (!isText(type.item) || isListed(items.dictionary) || items.dictionary.kind !== "texts") return null;
  const texts: TextBytes = items.dictionary;
  const codes = listItems(memory, column, dictionary, texts.offsets.length - 1);
  return encodeTextChunk(memory, path, texts, { ...codes, local: localCodes(memory, codes, texts) });
}

/** The items of lists one after the other. Of codes, only those below `codes` are items. */
function listItems(
  memory: EncodeMemory,
  { values, valid }: RowSetColumn,
  parts: ListParts,
  codes?: number,
): PresentValues {
  const lists = new ListRows(values as Int32Array, valid, parts);
  const { entries, items } = lists;
  const { run } = memory;
  const width = widthOf(parts.items.type);
  // Room for levels of three bits before the items.
  memory.take(0.375 * entries + 32);
  const at = memory.takeZeros(width * items);
  const within = memory.takeZeros(entries);
  const own = parts.items.values;
  lists.copy(
    new Int32Array(own.buffer, own.byteOffset, (own.length * width) / 4),
    width / 4,
    memory.words(at, (items * width) / 4),
    memory.view(within, entries),
  );
  let present: number | null = null;
  if (parts.items.valid !== undefined || codes !== undefined) {
    present = memory.takeZeros(items);
    lists.copyValidity(parts.items.valid, memory.view(present, items));
    if (codes !== undefined) run.markCodes(at, present, items, codes);
  }
  const count = present === null ? items : run.countOnes(present, items);
  if (count === items && entries === items) {
    return { at, count, entries, levels: new ListLevels(memory, entries, within, null) };
  }
  const kinds = memory.takeZeros(4 * entries);
  lists.tellKinds(memory.words(kinds, entries), present === null ? null : memory.view(present, items));
  if (present !== null && count < items) {
    (width === 8 ? run.keep8 : run.keep4)(at, present, items);
    memory.zero(at + width * count, 8 * width);
  }
  return { at, count, entries, levels: new ListLevels(memory, entries, within, kinds) };
}

/** The size of what is no list. */
const NO_LIST = -1;

/** Lists that are looked at together. */
const TOGETHER = 64;

/** What is seen by looking at lists, so that the engine does not leave it out. */
const seen = new Int32Array(1);

/** The lists of some rows: where each begins, and how many items it has. */
class ListRows {
  readonly #starts: Int32Array;
  readonly #sizes: Int32Array;
  readonly items: number;
  /** Items, empty lists and rows without a list. */
  readonly entries: number;

  constructor(codes: Int32Array, valid: Uint8Array | undefined, { starts, ends }: ListParts) {
    const rows = codes.length;
    const lists = starts.length;
    const [startOf, sizeOf] = [new Int32Array(rows), new Int32Array(rows)];
    let [items, without] = [0, 0];
    for (let row = 0; row < rows; row++) {
      const code = codes[row]!;
      if (code >>> 0 >= lists || (valid !== undefined && valid[row] === 0)) {
        sizeOf[row] = NO_LIST;
        without++;
        continue;
      }
      const start = starts[code]!;
      const size = ends[code]! - start;
      startOf[row] = start;
      sizeOf[row] = size;
      items += size;
      if (size === 0) without++;
    }
    this.#starts = startOf;
    this.#sizes = sizeOf;
    this.items = items;
    this.entries = items + without;
  }

  /** Copies the items, of some words each, and tells which entries are further items of a list. */
  copy(from: Int32Array, words: number, to: Int32Array, within: Uint8Array): void {
    const [starts, sizes] = [this.#starts, this.#sizes];
    const rows = sizes.length;
    within.fill(1);
    let [at, entry] = [0, 0];
    for (let first = 0; first < rows; first += TOGETHER) {
      const end = Math.min(rows, first + TOGETHER);
      // Has the processor fetch lists from memory at once, not one after the other.
      let all = 0;
      for (let row = first; row < end; row++) if (sizes[row]! > 0) all ^= from[starts[row]! * words]!;
      seen[0]! ^= all;
      for (let row = first; row < end; row++) {
        within[entry] = 0;
        const size = sizes[row]!;
        entry += size > 0 ? size : 1;
        const start = starts[row]! * words;
        const last = start + size * words;
        for (let word = start; word < last; word++) to[at++] = from[word]!;
      }
    }
  }

  /** Copies whether the items are there. */
  copyValidity(from: Uint8Array | undefined, to: Uint8Array): void {
    if (from === undefined) {
      to.fill(1);
      return;
    }
    let at = 0;
    for (const [row, size] of this.#sizes.entries()) {
      const start = this.#starts[row]!;
      for (let item = start; item < start + size; item++) to[at++] = from[item]!;
    }
  }

  /** Tells what the entries are; `present`: whether the items are there. */
  tellKinds(kinds: Int32Array, present: Uint8Array | null): void {
    let [at, entry] = [0, 0];
    for (const size of this.#sizes) {
      if (size <= 0) kinds[entry++] = size === NO_LIST ? ENTRY.noList : ENTRY.emptyList;
      for (let item = 0; item < size; item++, at++) {
        kinds[entry++] = present === null || present[at] === 1 ? ENTRY.item : ENTRY.noItem;
      }
    }
  }
}
