import { closeSync, openSync } from "node:fs";
import { isTextKey } from "../compile/stage-layout.ts";
import type { PreparedFile } from "../tables/table-snapshot.ts";
import { sharedForGood } from "./rows/allocate.ts";
import { CodeSet } from "./rows/code-set.ts";
import { dictionarySize, dictionaryValues, isListed, selectCodes } from "./rows/dictionary.ts";
import { preparedLayout, type TextsPlace } from "./rows/prepared-layout.ts";
import { isSpilled, type RowRun, type SpilledDictionary } from "./rows/row-run.ts";
import type { Dictionary, RowSetColumn, StoredRows } from "./rows/row-set.ts";
import { concatTexts, textBytes } from "./rows/text-bytes.ts";
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

  /** Takes the dictionary off rows' keys; their codes are of this dictionary from then on. */
  adopt(rows: StoredRows): StoredRows {
    const { key } = rows;
    if (!key?.dictionary || !isTextKey(key.type)) return rows;
    const { dictionary, ...codes } = key;
    const base = this.#add(dictionarySize(dictionary), dictionary);
    const values = codes.values as Int32Array;
    for (let row = 0; row < values.length; row++) values[row]! += base;
    return { ...rows, key: { ...codes, values } };
  }

  /** The same for rows in a temporary file, where the texts stay: it must be there as long as they may be asked for. */
  adoptRun(run: RowRun): RowRun {
    if (!isSpilled(run)) return this.adopt(run);
    const blocks = run.blocks.map((block) => {
      const { key } = block;
      if (!key?.dictionary || key.base !== undefined || !isTextKey(key.type)) return block;
      this.hasSpilled = true;
      const base = this.#add(key.dictionary.count, { path: run.path, spilled: key.dictionary });
      return { ...block, key: { ...key, base } };
    });
    return { ...run, blocks };
  }

  #add(count: number, texts: Block["texts"]): number {
    const base = this.#next;
    if (base + count > MOST_CODES) throw new RangeError("a query's entities have more than 2^31 keys");
    this.#blocks.push({ base, count, texts });
    this.#next += count;
    return base;
  }

  /** A result's column of keys, with a dictionary of the keys that it has; it is read when it is first asked for. */
  column(key: RowSetColumn, name: string): RowSetColumn {
    const values = key.values as Int32Array;
    const { numbered } = key;
    const used = new CodeSet(this.#next);
    if (!numbered) {
      used.addAll(values);
      // Among all codes each is its own rank.
      if (!used.hasAll(0, this.#next)) used.replaceByRanks(values);
    }
    const blocks = this.#blocks;
    const size = this.#next;
    let dictionary: Dictionary | undefined;
    return {
      name,
      type: key.type,
      values,
      ...(key.valid ? { valid: key.valid } : {}),
      ...(numbered ? { hashes: numbered.hashes } : {}),
      get dictionary() {
        dictionary ??= numbered ? textsOfCodes(blocks, numbered.codes, used, size) : usedTexts(blocks, used);
        return dictionary;
      },
    };
  }
}

/** The texts of some codes, in the order of these. */
function textsOfCodes(blocks: readonly Block[], codes: Int32Array, used: CodeSet, size: number): Dictionary {
  used.addAll(codes);
  const texts = usedTexts(blocks, used);
  const ranks = codes.slice();
  if (!used.hasAll(0, size)) used.replaceByRanks(ranks);
  return ranks.every((rank, index) => rank === index) ? texts : selectCodes(texts, ranks);
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
