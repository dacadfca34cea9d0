import { isListed } from "../../execute/rows/dictionary.ts";
import type { ListParts, RowSetColumn } from "../../execute/rows/row-set.ts";
import type { TextBytes } from "../../execute/rows/text-bytes.ts";
import { isText } from "../arrow-table.ts";
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

/** The lists of some rows. */
class ListRows {
  readonly #codes: Int32Array;
  readonly #valid: Uint8Array | undefined;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly items: number;
  /** Items, empty lists and rows without a list. */
  readonly entries: number;

  constructor(codes: Int32Array, valid: Uint8Array | undefined, { starts, ends }: ListParts) {
    this.#codes = codes;
    this.#valid = valid;
    this.#starts = starts;
    this.#ends = ends;
    let [items, without] = [0, 0];
    for (let row = 0; row < codes.length; row++) {
      const size = this.#isList(row) ? ends[codes[row]!]! - starts[codes[row]!]! : 0;
      items += size;
      if (size === 0) without++;
    }
    this.items = items;
    this.entries = items + without;
  }

  #isList(row: number): boolean {
    return this.#codes[row]! >>> 0 < this.#starts.length && this.#valid?.[row] !== 0;
  }

  /** Copies the items, of some words each, and tells which entries are further items of a list. */
  copy(from: Int32Array, words: number, to: Int32Array, within: Uint8Array): void {
    const codes = this.#codes;
    const [starts, ends] = [this.#starts, this.#ends];
    within.fill(1);
    let [at, entry] = [0, 0];
    for (let row = 0; row < codes.length; row++) {
      within[entry] = 0;
      const isList = this.#isList(row);
      const start = isList ? starts[codes[row]!]! : 0;
      const end = isList ? ends[codes[row]!]! : 0;
      entry += Math.max(1, end - start);
      const last = end * words;
      for (let word = start * words; word < last; word++) to[at++] = from[word]!;
    }
  }

  /** Copies whether the items are there. */
  copyValidity(from: Uint8Array | undefined, to: Uint8Array): void {
    if (from === undefined) {
      to.fill(1);
      return;
    }
    let at = 0;
    for (let row = 0; row < this.#codes.length; row++) {
      if (!this.#isList(row)) continue;
      const code = this.#codes[row]!;
      for (let item = this.#starts[code]!; item < this.#ends[code]!; item++) to[at++] = from[item]!;
    }
  }

  /** Tells what the entries are; `present`: whether the items are there. */
  tellKinds(kinds: Int32Array, present: Uint8Array | null): void {
    let [at, entry] = [0, 0];
    for (let row = 0; row < this.#codes.length; row++) {
      if (!this.#isList(row)) {
        kinds[entry++] = ENTRY.noList;
        continue;
      }
      const size = this.#ends[this.#codes[row]!]! - this.#starts[this.#codes[row]!]!;
      if (size === 0) kinds[entry++] = ENTRY.emptyList;
      for (let item = 0; item < size; item++, at++) {
        kinds[entry++] = present === null || present[at] === 1 ? ENTRY.item : ENTRY.noItem;
      }
    }
  }
}
