import { closeSync, openSync } from "node:fs";
import { isTextKey } from "../compile/stage-layout.ts";
import type { PreparedFile } from "../tables/table-snapshot.ts";
import { CodeSet } from "./rows/code-set.ts";
import { dictionarySize, dictionaryValues } from "./rows/dictionary.ts";
import { preparedLayout, type TextsPlace } from "./rows/prepared-layout.ts";
import { isSpilled, type RowRun, type SpilledDictionary } from "./rows/row-run.ts";
import type { RowSetColumn, StoredRows } from "./rows/row-set.ts";
import { readTexts } from "./rows/texts.ts";
import { readDictionary } from "./spill/spill-file.ts";

/** Some texts of the dictionary: in a file, or at hand. */
interface Block {
  readonly base: number;
  readonly count: number;
  readonly texts:
    | readonly string[]
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
    const base = this.#add(dictionarySize(dictionary), dictionaryValues(dictionary) as readonly string[]);
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
    const codes = key.values as Int32Array;
    const used = new CodeSet(this.#next);
    used.addAll(codes);
    const count = used.replaceByRanks(codes);
    const blocks = this.#blocks;
    let dictionary: readonly string[] | undefined;
    return {
      name,
      type: key.type,
      values: codes,
      ...(key.valid ? { valid: key.valid } : {}),
      get dictionary() {
        dictionary ??= usedTexts(blocks, used, count);
        return dictionary;
      },
    };
  }
}

function usedTexts(blocks: readonly Block[], used: CodeSet, count: number): string[] {
  const texts = new Array<string>(count);
  let next = 0;
  for (const { base, count: size, texts: from } of blocks) {
    if (!used.hasAny(base, base + size)) continue;
    const all = "path" in from ? textsOfFile(from.path, (file) => textsIn(file, from)) : from;
    for (let index = 0; index < size; index++) if (used.has(base + index)) texts[next++] = all[index]!;
  }
  return texts;
}

function textsIn(file: number, from: { place: TextsPlace } | { spilled: SpilledDictionary }): readonly string[] {
  return "place" in from
    ? readTexts(file, from.place)
    : (dictionaryValues(readDictionary(file, from.spilled)) as readonly string[]);
}

function textsOfFile(path: string, read: (file: number) => readonly string[]): readonly string[] {
  const file = openSync(path, "r");
  try {
    return read(file);
  } finally {
    closeSync(file);
  }
}
