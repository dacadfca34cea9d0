import { closeSync, openSync } from "node:fs";
import { isTextKey } from "../compile/stage-layout.ts";
import type { PreparedFile } from "../tables/table-snapshot.ts";
import { copyBytes } from "../values/text-table.ts";
import { textsInOrder } from "./file-texts.ts";
import { readTextRuns, type TextRun } from "./key-runs.ts";
import { sharedForGood } from "./rows/allocate.ts";
import { CodeSet } from "./rows/code-set.ts";
import { numbersFrom } from "./rows/copy-values.ts";
import { dictionarySize, dictionaryValues, isListed, selectCodes } from "./rows/dictionary.ts";
import { preparedLayout, type TextsPlace } from "./rows/prepared-layout.ts";
import { isSpilled, type RowRun, type SpilledDictionary } from "./rows/row-run.ts";
import type { Dictionary, RowSetColumn } from "./rows/row-set.ts";
import { concatTexts, MOST_TEXT_BYTES, type TextBytes, textBytes } from "./rows/text-bytes.ts";
import { readTextBytes } from "./rows/texts.ts";
import { readDictionary } from "./spill/spill-file.ts";

/** Some texts of the dictionary: in a file, or at hand. */
interface Block {
  readonly base: number;
  readonly count: number;
  readonly texts:
    | Dictionary
    | { readonly path: string; readonly place: TextsPlace }
    | { readonly path: string; readonly spilled: SpilledDictionary };
}

const MOST_CODES = 2 ** 31 - 1;
/** More runs of codes that follow each other are not read one by one. */
const MOST_RUNS = 64;

/** By the column of keys: texts that were read for it, in memory that may be used again after it. */
const readFor = new WeakMap<RowSetColumn, TextBytes>();

/** Texts that were read for a column of keys alone, in memory that may be used again. */
export function ownTexts(key: RowSetColumn): TextBytes | null {
  return readFor.get(key) ?? null;
}

/**
 * One dictionary for the text keys of a query's entities: the dictionaries of the files' key columns, one after the
 * other. Keys are only carried along, so that equal ones may have several codes, and texts are read for the result alone.
 */
export class KeyDictionary {
  readonly #blocks: Block[] = [];
  readonly #bases = new Map<string, number>();
  #next = 0;
  /** Whether some texts are in temporary files. */
  hasSpilled = false;

  /** What is added to a file's codes of a key column. */
  baseOf(file: PreparedFile, column: string): number {
    const name = `${column}\n${file.path}`;
    const known = this.#bases.get(name);
    if (known !== undefined) return known;
    const place = preparedLayout(file)?.columns.get(column)?.texts;
    if (!place) throw new Error(`${file.path} has no dictionary of column ${column}`);
    const base = this.#add(place.count, { path: file.path, place });
    this.#bases.set(name, base);
    return base;
  }

  /**
   * Takes the dictionary off the keys of rows. Those in a temporary file keep their texts there: it must be there as long as
   * they may be asked for.
   * @returns the rows, and what has still to be added to the codes of their keys
   */
  adopt(run: RowRun): { readonly run: RowRun; readonly base: number } {
    if (!isSpilled(run)) {
      const { key } = run;
      if (!key?.dictionary || !isTextKey(key.type)) return { run, base: 0 };
      const { dictionary, ...codes } = key;
      return { run: { ...run, key: codes }, base: this.#add(dictionarySize(dictionary), dictionary) };
    }
    const blocks = run.blocks.map((block) => {
      const { key } = block;
      if (!key?.dictionary || key.base !== undefined || !isTextKey(key.type)) return block;
      this.hasSpilled = true;
      const base = this.#add(key.dictionary.count, { path: run.path, spilled: key.dictionary });
      return { ...block, key: { ...key, base } };
    });
    return { run: { ...run, blocks }, base: 0 };
  }

  #add(count: number, texts: Block["texts"]): number {
    const base = this.#next;
    if (base + count > MOST_CODES) throw new RangeError("a query's entities have more than 2^31 keys");
    this.#blocks.push({ base, count, texts });
    this.#next += count;
    return base;
  }

  /**
   * A result's column of keys, with a dictionary of the keys that it has; it is read when it is first asked for.
   * @param areDistinct whether each row has a key of its own: its dictionary then has their order
   */
  column(key: RowSetColumn, name: string, areDistinct = false): RowSetColumn {
    const values = key.values as Int32Array;
    const { numbered } = key;
    const used = new CodeSet(this.#next);
    const blocks = this.#blocks;
    const size = this.#next;
    const inOrder = numbered?.codes ?? (areDistinct && key.valid === undefined ? values : null);
    const areFirst = inOrder === values && areFirstNumbers(values);
    const runs = areFirst ? runsBefore(blocks, values.length) : inOrder && fileRuns(blocks, inOrder);
    const codes = runs === null && inOrder === values ? values.slice() : inOrder;
    if (inOrder === null) {
      used.addAll(values);
      // Among all codes each is its own rank.
      if (!used.hasAll(0, size)) used.replaceByRanks(values);
    } else if (!numbered && !areFirst) values.set(firstNumbers(values.length));
    let dictionary: Dictionary | undefined;
    const read = (): Dictionary => {
      if (codes === null) return usedTexts(blocks, used);
      if (runs === null) return textsOfCodes(blocks, codes, used, size);
      const texts = readTextRuns(runs);
      readFor.set(column, texts);
      return texts;
    };
    const column: RowSetColumn = {
      name,
      type: key.type,
      values,
      ...(key.valid ? { valid: key.valid } : {}),
      ...(numbered ? { hashes: numbered.hashes } : {}),
      get dictionary() {
        dictionary ??= read();
        return dictionary;
      },
    };
    return column;
  }
}

/** The numbers from 0 on; a million of them are kept, so that no loop has to make them or look through them anew. */
function firstNumbers(count: number): Int32Array {
  if (count > MOST_FIRST) return numbersFrom(0, new Int32Array(count));
  if (first.length < count) first = numbersFrom(0, new Int32Array(count));
  return first.subarray(0, count);
}

const MOST_FIRST = 1 << 20;
let first: Int32Array = new Int32Array(0);

function areFirstNumbers(codes: Int32Array): boolean {
  const bytes = ({ buffer, byteOffset, byteLength }: Int32Array) => Buffer.from(buffer, byteOffset, byteLength);
  return codes[0] === 0 && codes.at(-1) === codes.length - 1 && bytes(codes).equals(bytes(firstNumbers(codes.length)));
}

/** The codes below `end` as runs; null as below. */
function runsBefore(blocks: readonly Block[], end: number): TextRun[] | null {
  const own = blocks.filter(({ base, count }) => base < end && count > 0);
  const runs = own.flatMap(({ base, count, texts }) =>
    "place" in texts ? { ...texts, from: 0, count: Math.min(count, end - base) } : [],
  );
  const bytes = runs.reduce((sum, { place }) => sum + place.bytes.length, 0);
  return runs.length < own.length || bytes > MOST_TEXT_BYTES ? null : runs;
}

/** Codes as runs of the dictionaries of files; null where they are very many or their texts, or some texts are elsewhere. */
function fileRuns(blocks: readonly Block[], codes: Int32Array): TextRun[] | null {
  const runs: TextRun[] = [];
  let bytes = 0;
  for (let index = 0; index < codes.length; ) {
    const code = codes[index]!;
    const block = blockOf(blocks, code);
    if (block === null || !("place" in block.texts) || runs.length === MOST_RUNS) return null;
    bytes += block.texts.place.bytes.length;
    if (bytes > MOST_TEXT_BYTES) return null;
    const count = lastBeside(codes, index, block.base + block.count) - code + 1;
    runs.push({ ...block.texts, from: code - block.base, count });
    index += count;
  }
  return runs;
}

/** The block that has a code. */
function blockOf(blocks: readonly Block[], code: number): Block | null {
  let [from, to] = [0, blocks.length - 1];
  while (from < to) {
    const middle = (from + to + 1) >>> 1;
    if (blocks[middle]!.base <= code) from = middle;
    else to = middle - 1;
  }
  const block = blocks[from];
  return block !== undefined && code >= block.base && code < block.base + block.count ? block : null;
}

/** The texts of some codes, in the order of these. */
function textsOfCodes(blocks: readonly Block[], codes: Int32Array, used: CodeSet, size: number): Dictionary {
  // Those that are in order are the dictionaries as they are, or parts of them.
  const direct = follow(codes) ? null : (textsOfFiles(blocks, codes) ?? copiedTexts(new BlockTexts(blocks), codes));
  if (direct !== null) return direct;
  used.addAll(codes);
  const texts = usedTexts(blocks, used);
  const ranks = codes.slice();
  if (!used.hasAll(0, size)) used.replaceByRanks(ranks);
  return ranks.every((rank, index) => rank === index) ? texts : selectCodes(texts, ranks);
}

/** The texts of codes, where all are in prepared files. */
function textsOfFiles(blocks: readonly Block[], codes: Int32Array): TextBytes | null {
  const files = blocks.flatMap(({ base, texts }) => ("place" in texts ? { base, ...texts } : []));
  const texts = files.length === blocks.length ? textsInOrder(files, codes) : null;
  return texts && { kind: "texts", ...texts, areDistinct: files.length === 1 };
}

/** Whether each code is the one after that before. */
function follow(codes: Int32Array): boolean {
  for (let index = 1; index < codes.length; index++) if (codes[index] !== codes[index - 1]! + 1) return false;
  return true;
}

/** The texts of a block, which has the codes from `base` up to `end`. */
interface TextsAt {
  readonly base: number;
  readonly end: number;
  readonly texts: TextBytes;
}

/** The texts of some blocks as bytes, read as they are asked for. */
class BlockTexts {
  readonly #blocks: readonly Block[];
  readonly #read = new Map<Block, TextsAt | null>();
  /** The last two that were asked for: codes of the files of two tables take turns. */
  #last: TextsAt | null = null;
  #before: TextsAt | null = null;

  /** `blocks`: by ascending bases. */
  constructor(blocks: readonly Block[]) {
    this.#blocks = blocks;
  }

  /** The texts of a code's block; null where these are not bytes, or there is none. */
  at(code: number): TextsAt | null {
    const before = this.#last;
    if (before !== null && code >= before.base && code < before.end) return before;
    const last = this.#before;
    this.#before = before;
    this.#last = last !== null && code >= last.base && code < last.end ? last : this.#find(code);
    return this.#last;
  }

  #find(code: number): TextsAt | null {
    const block = blockOf(this.#blocks, code);
    if (block === null) return null;
    const known = this.#read.get(block);
    if (known !== undefined) return known;
    const all = textsOf(block.texts);
    const texts = isListed(all) ? textBytes(all, false) : all.kind === "texts" ? all : null;
    const found = texts && { base: block.base, end: block.base + block.count, texts };
    this.#read.set(block, found);
    return found;
  }

  /** Whether it is known that no two of the texts that were read are equal. */
  get areDistinct(): boolean {
    return this.#read.size === 1 && [...this.#read.values()].every((found) => found?.texts.areDistinct);
  }
}

/** The texts of codes, copied to where they go; null where some are no bytes, or all have more than 2 GiB. */
function copiedTexts(blocks: BlockTexts, codes: Int32Array): TextBytes | null {
  const offsets = sharedForGood(new Int32Array(0), codes.length + 1);
  offsets[0] = 0;
  let end = 0;
  for (let index = 0; index < codes.length; ) {
    const block = blocks.at(codes[index]!);
    if (block === null) return null;
    const { base, texts } = block;
    const [first, last] = [codes[index]! - base, lastBeside(codes, index, block.end) - base];
    const moved = end - texts.offsets[first]!;
    for (let code = first; code <= last; code++) offsets[++index] = texts.offsets[code + 1]! + moved;
    end = texts.offsets[last + 1]! + moved;
    if (end > MOST_TEXT_BYTES) return null;
  }
  const bytes = sharedForGood(new Uint8Array(0), end);
  for (let index = 0; index < codes.length; ) {
    const block = blocks.at(codes[index]!)!;
    const { base, texts } = block;
    const [first, last] = [codes[index]! - base, lastBeside(codes, index, block.end) - base];
    copyBytes(texts.bytes, texts.offsets[first]!, texts.offsets[last + 1]!, bytes, offsets[index]!);
    index += last - first + 1;
  }
  return { kind: "texts", offsets, bytes, areDistinct: blocks.areDistinct };
}

/** The last of the codes below `end` that follow each other from the one at `index` on. */
function lastBeside(codes: Int32Array, index: number, end: number): number {
  let last = codes[index]!;
  for (let next = index + 1; next < codes.length && codes[next] === last + 1 && last + 1 < end; next++) last++;
  return last;
}

/** The texts of codes, as bytes where they have them. */
function usedTexts(blocks: readonly Block[], used: CodeSet): Dictionary {
  const parts = blocks
    .filter(({ base, count }) => used.hasAny(base, base + count))
    .map(({ base, count, texts }) => {
      const all = textsOf(texts);
      return used.hasAll(base, base + count) ? all : selectCodes(all, used.codesIn(base, base + count));
    });
  const bytes = parts.map((part) => (isListed(part) ? textBytes(part, false) : part.kind === "texts" ? part : null));
  const all = bytes.every((part) => part !== null) ? concatTexts(bytes, sharedForGood) : null;
  return all ?? parts.flatMap(dictionaryValues);
}

function textsOf(from: Block["texts"]): Dictionary {
  if (!("path" in from)) return from;
  const file = openSync(from.path, "r");
  try {
    if ("spilled" in from) return readDictionary(file, from.spilled);
    return { kind: "texts", ...readTextBytes(file, from.place), areDistinct: true };
  } finally {
    closeSync(file);
  }
}
