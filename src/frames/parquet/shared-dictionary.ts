import { copyOf, type RowArray, sharedForGood } from "../../execute/rows/allocate.ts";
import { isListed } from "../../execute/rows/dictionary.ts";
import type { ListParts, RowSetColumn } from "../../execute/rows/row-set.ts";
import type { TextBytes } from "../../execute/rows/text-bytes.ts";

/** The array in memory that all threads see: itself, or a copy. */
export function inSharedMemory<T extends RowArray>(values: T): T {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  return copyOf(values, sharedForGood);
}

const copies = new WeakMap<object, TextBytes | ListParts | null>();

/** Texts in memory that all threads see; they are copied once. */
export function sharedTexts(texts: TextBytes): TextBytes {
  return copied(texts, () => ({
    ...texts,
    offsets: inSharedMemory(texts.offsets),
    bytes: inSharedMemory(texts.bytes),
  }));
}

/** Lists in memory that all threads see; they are copied once. Null where their items are values one by one. */
export function sharedLists(lists: ListParts): ListParts | null {
  return copied(lists, () => {
    const items = sharedColumn(lists.items);
    return items && { kind: "lists", starts: inSharedMemory(lists.starts), ends: inSharedMemory(lists.ends), items };
  });
}

function sharedColumn({ name, type, values, valid, dictionary }: RowSetColumn): RowSetColumn | null {
  const own = { name, type, values: inSharedMemory(values), ...(valid ? { valid: inSharedMemory(valid) } : {}) };
  if (dictionary === undefined) return own;
  if (isListed(dictionary)) return null;
  const shared = dictionary.kind === "texts" ? sharedTexts(dictionary) : sharedLists(dictionary);
  return shared && { ...own, dictionary: shared };
}

function copied<T extends TextBytes | ListParts | null>(of: object, copy: () => T): T {
  const known = copies.get(of);
  if (known !== undefined) return known as T;
  const made = copy();
  copies.set(of, made);
  return made;
}
