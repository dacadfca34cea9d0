import { closeSync, openSync } from "node:fs";
import { isTextKey } from "../compile/stage-layout.ts";
import type { PreparedFile } from "../tables/table-snapshot.ts";
import { textsInOrder } from "./file-texts.ts";
import { sharedForGood } from "./rows/allocate.ts";
import { CodeSet } from "./rows/code-set.ts";
import { follow, numbersFrom, recodeInto } from "./rows/copy-values.ts";
import { dictionarySize, dictionaryValues, isListed, selectCodes } from "./rows/dictionary.ts";
import { copiedRuns, type FileTexts, fileRuns, lastWhere, runLength } from "./rows/file-codes.ts";
import { readTextRuns, type TextRun } from "./rows/key-runs.ts";
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
/** By the column of keys: texts that were read for it, in memory that may be used again after it. */
const readFor = new WeakMap<RowSetColumn, TextBytes>();

/** Texts that were read for a column of keys alone, in memory that may be used again. */
export function ownTexts(key: RowSetColumn): TextBytes | null {
  return readFor.get(key) ?? null;
}

/** A column of keys whose texts are in memory that may be used again with it. */
function withOwnTexts(key: RowSetColumn): RowSetColumn {
  const { dictionary } = key;
  if (dictionary !== undefined && !isListed(dictionary) && dictionary.kind === "texts") readFor.set(key, dictionary);
  return key;
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

  /** Rows whose keys have codes of this dictionary, where some may have brought texts of their keys along. */
  withCodes(run: RowRun): RowRun {
    const { run: adopted, base } = this.adopt(run);
    if (isSpilled(adopted) || adopted === run) return adopted;
    const { hasKeyTexts: _gone, ...rows } = adopted;
    const codes = rows.key!.values as Int32Array;
    recodeInto(codes, base, codes);
    return rows;
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
    if (key.dictionary !== undefined) return withOwnTexts({ ...key, name });
    const values = key.values as Int32Array;
    const { numbered } = key;
    const used = new CodeSet(this.#next);
    const blocks = this.#blocks;
    const size = this.#next;
    const inOrder = numbered?.codes ?? (areDistinct && key.valid === undefined ? values : null);
    const areFirst = inOrder === values && areFirstNumbers(values);
    const runs = areFirst ? runsBefore(blocks, values.length) : inOrder && fileRuns(filesOf(blocks), inOrder);
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

/** The block that has a code. */
function blockOf(blocks: readonly Block[], code: number): Block | null {
  const block = blocks[lastWhere(blocks, ({ base }) => base <= code)];
  return block !== undefined && code >= block.base && code < block.base + block.count ? block : null;
}

/** The texts of some codes, in the order of these. */
function textsOfCodes(blocks: readonly Block[], codes: Int32Array, used: CodeSet, size: number): Dictionary {
  // Those that are in order are the dictionaries as they are, or parts of them.
  const direct = follow(codes) ? null : (textsOfFiles(blocks, codes) ?? copiedTexts(blocks, codes));
  if (direct !== null) return direct;
  used.addAll(codes);
  const texts = usedTexts(blocks, used);
  const ranks = codes.slice();
  if (!used.hasAll(0, size)) used.replaceByRanks(ranks);
  return ranks.every((rank, index) => rank === index) ? texts : selectCodes(texts, ranks);
}

/** The texts of codes, where all are in prepared files. */
function textsOfFiles(blocks: readonly Block[], codes: Int32Array): TextBytes | null {
  const files = filesOf(blocks);
  const texts = files.length === blocks.length ? textsInOrder(files, codes) : null;
  return texts && { kind: "texts", ...texts, areDistinct: files.length === 1 };
}

/** The texts of codes, copied to where they go; null where some are no bytes, or all have more than 2 GiB. */
function copiedTexts(blocks: readonly Block[], codes: Int32Array): TextBytes | null {
  const read = new BlockTexts(blocks);
  const lists = new Map<TextsAt, number>();
  const runs: number[] = [];
  for (let index = 0; index < codes.length; ) {
    const code = codes[index]!;
    const block = read.at(code);
    if (block === null) return null;
    const list = lists.get(block) ?? lists.size;
    lists.set(block, list);
    const count = runLength(codes, index, block.end);
    runs.push(list, code - block.base, count);
    index += count;
  }
  const all = [...lists.keys()].map(({ texts }) => texts);
  const texts = copiedRuns(all, runs, codes.length, sharedForGood);
  return texts && { ...texts, areDistinct: all.length === 1 && all[0]!.areDistinct };
}

function filesOf(blocks: readonly Block[]): FileTexts[] {
  return blocks.flatMap(({ base, texts }) => ("place" in texts ? { base, ...texts } : []));
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
