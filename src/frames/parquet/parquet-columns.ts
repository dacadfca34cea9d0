import { sharedForGood } from "../../execute/rows/allocate.ts";
import { dictionaryReader, isListed } from "../../execute/rows/dictionary.ts";
import { type EncodedTexts, encodeTexts } from "../../execute/rows/encoded-texts.ts";
import type { Dictionary, RowSetColumn } from "../../execute/rows/row-set.ts";
import type { TextBytes } from "../../execute/rows/text-bytes.ts";
import { isText } from "../../values/fenl-type.ts";
import type { HostValue } from "../../values/host-value.ts";
import { columnData } from "../arrow-table.ts";
import { isValid, type Output, sliceOutput } from "../output.ts";
import { arrowStream } from "./foreign-chunks.ts";
import type { GroupColumn } from "./group-columns.ts";
import { forParquet } from "./parquet-types.ts";
import { sharedLists, sharedTexts } from "./shared-dictionary.ts";

/** The column of the keys' hashes, before that of the keys. */
const KEY_HASH = 2;
/** A dictionary is encoded as a whole where it has at most so many times as many texts as there are rows. */
const TEXTS_A_ROW = 2;
const MOST_CHARACTERS = 1 << 28;

/** Rows in the form in which they are encoded. */
export interface ParquetRows {
  readonly rows: number;
  readonly columns: readonly GroupColumn[];
}

/** Brings the rows of an output's parts into the form in which they are encoded. The texts of a dictionary are encoded once. */
export class ParquetColumns {
  readonly #names: readonly string[];
  readonly #encoded = new WeakMap<readonly HostValue[], EncodedTexts>();

  /** `names`: what the columns are called in the file. */
  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** A part's rows: all at once, where they are in memory that all threads see, or `groupRows` at a time. */
  *rows(part: Output, groupRows: number): Generator<ParquetRows> {
    const keys = part.columns[KEY_HASH + 1];
    const isTold = keys?.hashes !== undefined && isShared(keys.hashes);
    if (part.columns.every((column, index) => (isTold && index === KEY_HASH) || this.#isWhole(column, part.rows))) {
      yield this.#rows(part, 0, part.rows);
      return;
    }
    for (let row = 0; row < part.rows; row += groupRows) yield this.#rows(part, row, row + groupRows);
  }

  /** Whether a column can be cut into row groups by the threads that encode them. */
  #isWhole({ type, values, valid, dictionary }: RowSetColumn, rows: number): boolean {
    if (type.kind === "null" || !isShared(values) || (valid && !isShared(valid))) return false;
    if (dictionary === undefined) return true;
    if (!isListed(dictionary) && dictionary.kind === "lists") return sharedLists(dictionary) !== null;
    return isText(type) && this.#textsOf(dictionary, rows) !== null;
  }

  #rows(part: Output, from: number, to: number): ParquetRows {
    const { rows, columns: own } = to - from === part.rows ? part : sliceOutput(part, from, to);
    const columns: GroupColumn[] = [];
    for (const [index, column] of own.entries()) {
      if (index === KEY_HASH) continue;
      const encoded = this.#column(column, index, part.rows);
      if (index === KEY_HASH + 1) columns.push(...this.#keys(own[KEY_HASH]!, column, encoded));
      else columns.push(encoded);
    }
    return { rows, columns };
  }

  /** The columns of hashes and of keys. Hashes are not asked for where keys tell them. */
  #keys(hashes: RowSetColumn, { values, valid, hashes: byCode }: RowSetColumn, keys: GroupColumn): GroupColumn[] {
    if (keys.kind !== "texts") return [this.#column(hashes, KEY_HASH, values.length), keys];
    const isTold = byCode !== undefined && valid === undefined && keys.codes === values;
    const own = isTold ? signed(byCode) : (hashes.values as BigInt64Array);
    return [{ ...keys, kind: "keys", hashName: this.#names[KEY_HASH]!, hashes: own, byCode: isTold }];
  }

  #column(column: RowSetColumn, index: number, partRows: number): GroupColumn {
    const name = this.#names[index]!;
    const { type, dictionary, valid } = column;
    if (type.kind === "null") {
      return { kind: "texts", name, codes: new Int32Array(column.values.length), texts: encodeTexts([]) };
    }
    if (dictionary === undefined) {
      return { kind: "numbers", name, type, values: column.values, ...(valid ? { valid } : {}) };
    }
    if (!isListed(dictionary) && dictionary.kind === "lists") {
      const lists = sharedLists(dictionary);
      if (lists !== null) return { kind: "lists", name, column: { ...column, dictionary: lists } };
    }
    if (!isText(type)) {
      const data = columnData(forParquet(column), column.values.length, "plain");
      return { kind: "arrow", name, stream: arrowStream([name], [data], data.length) };
    }
    const codes = column.values as Int32Array;
    const all = this.#textsOf(dictionary, partRows);
    if (all !== null) return { kind: "texts", name, codes, ...(valid ? { valid } : {}), texts: all };
    const read = dictionaryReader(dictionary);
    const own = Array.from(codes, (code, row) => (isValid(column, row) ? read(code) : null));
    return { kind: "texts", name, codes: Int32Array.from(own.keys()), texts: encodeTexts(own) };
  }

  /** A dictionary in memory that all threads see. Null where it has far more texts than there are rows. */
  #textsOf(dictionary: Dictionary, rows: number): EncodedTexts | null {
    if (!isListed(dictionary)) return sharedTexts(dictionary as TextBytes);
    const known = this.#encoded.get(dictionary);
    if (known !== undefined) return known;
    if (dictionary.length > TEXTS_A_ROW * rows || isLong(dictionary)) return null;
    const texts = encodeTexts(dictionary, (bytes) => sharedForGood(new Uint8Array(0), bytes).buffer as ArrayBuffer);
    this.#encoded.set(dictionary, texts);
    return texts;
  }
}

function signed({ buffer, byteOffset, length }: BigUint64Array): BigInt64Array {
  return new BigInt64Array(buffer, byteOffset, length);
}

function isShared({ buffer }: ArrayBufferView): boolean {
  return buffer instanceof SharedArrayBuffer;
}

function isLong(texts: readonly HostValue[]): boolean {
  let characters = 0;
  for (const text of texts) characters += (text as string | null)?.length ?? 0;
  return characters > MOST_CHARACTERS;
}
