import type { RowSetColumn } from "../../execute/row-set.ts";
import type { FenlType } from "../../values/fenl-type.ts";
import type { HostValue } from "../../values/host-value.ts";
import { isValid, valueReader } from "../output.ts";
import type { ColumnTree, FileSchema, Leaf } from "./schema.ts";

/** The values that are there, in the form in which a file holds them or close to it. */
export type PresentValues =
  | { readonly kind: "numbers"; readonly values: Int32Array | BigInt64Array | Float32Array | Float64Array }
  | { readonly kind: "bools"; readonly values: Int32Array }
  | { readonly kind: "texts"; readonly codes: Int32Array; readonly dictionary: readonly HostValue[] };

/** A leaf of some rows. */
export interface LeafValues {
  /** How many places there are: one a row, more where values are repeated. */
  readonly count: number;
  /** For each place how much of it is there; absent: all of it. */
  readonly definition?: Uint8Array;
  /** For each place which repetition it continues, 0 at the beginning of a row; absent: every place begins a row. */
  readonly repetition?: Uint8Array;
  readonly present: PresentValues;
}

/** The leaves of a field's rows from `from` to before `to`. */
export function leavesOf(
  column: RowSetColumn,
  tree: ColumnTree,
  schema: FileSchema,
  from: number,
  to: number,
): LeafValues[] {
  if (tree.kind === "leaf") return [flatValues(column, schema.leaves[tree.leaf]!, from, to)];
  const read = valueReader(column);
  const shredder = new Shredder(schema, tree.leaves);
  for (let row = from; row < to; row++) shredder.add(tree, read(row), 0, 0);
  return tree.leaves.map((leaf) => shredder.values(leaf));
}

/** A field with one value a row: mostly the result's own array. */
function flatValues(column: RowSetColumn, leaf: Leaf, from: number, to: number): LeafValues {
  const count = to - from;
  if (column.type.kind === "null") {
    const none = { kind: "texts", codes: new Int32Array(0), dictionary: [] } as const;
    return { count, definition: new Uint8Array(count), present: none };
  }
  const definition = validity(column, from, to);
  const all = column.values.subarray(from, to);
  const values = definition === undefined ? all : compact(all, definition);
  const there = definition === undefined ? {} : { definition };
  return { count, ...there, present: presentValues(values, column.dictionary, leaf.type) };
}

/** A byte per row where some rows have no value. */
function validity(column: RowSetColumn, from: number, to: number): Uint8Array | undefined {
  if (column.dictionary?.includes(null)) {
    return Uint8Array.from({ length: to - from }, (_, row) => Number(isValid(column, from + row)));
  }
  const valid = column.valid?.subarray(from, to);
  return valid?.includes(0) ? valid : undefined;
}

function compact<T extends RowSetColumn["values"]>(values: T, valid: Uint8Array): T {
  switch (values.BYTES_PER_ELEMENT) {
    case 4: {
      const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
      return sameKind(values, compactFour(bits, valid));
    }
    default: {
      const bits = new BigInt64Array(values.buffer, values.byteOffset, values.length);
      return sameKind(values, compactEight(bits, valid));
    }
  }
}

function sameKind<T extends RowSetColumn["values"]>(like: T, bits: Int32Array | BigInt64Array): T {
  const type = like.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => T;
  return new type(bits.buffer, 0, bits.length);
}

// One loop for each width, so that each is compiled for one kind of array.
function compactFour(values: Int32Array, valid: Uint8Array): Int32Array {
  const there = new Int32Array(values.length);
  let count = 0;
  for (let row = 0; row < values.length; row++) if (valid[row] !== 0) there[count++] = values[row]!;
  return there.subarray(0, count);
}

function compactEight(values: BigInt64Array, valid: Uint8Array): BigInt64Array {
  const there = new BigInt64Array(values.length);
  let count = 0;
  for (let row = 0; row < values.length; row++) if (valid[row] !== 0) there[count++] = values[row]!;
  return there.subarray(0, count);
}

function presentValues(
  values: RowSetColumn["values"],
  dictionary: readonly HostValue[] | undefined,
  type: FenlType,
): PresentValues {
  if (dictionary !== undefined) return { kind: "texts", codes: values as Int32Array, dictionary };
  if (type.kind === "bool") return { kind: "bools", values: values as Int32Array };
  // A file has no seconds.
  if (type.kind === "timestamp_s") {
    return { kind: "numbers", values: (values as BigInt64Array).map((seconds) => seconds * 1000n) };
  }
  return { kind: "numbers", values };
}

interface LeafBuilder {
  readonly definition: number[];
  readonly repetition: number[];
  readonly values: HostValue[];
}

/** Takes nested values apart: each leaf gets its values and, for each place, how much of it is there and what it repeats. */
class Shredder {
  readonly #schema: FileSchema;
  readonly #builders = new Map<number, LeafBuilder>();

  constructor(schema: FileSchema, leaves: readonly number[]) {
    this.#schema = schema;
    for (const leaf of leaves) this.#builders.set(leaf, { definition: [], repetition: [], values: [] });
  }

  add(tree: ColumnTree, value: HostValue, repetition: number, definition: number): void {
    if (tree.kind === "leaf") {
      const builder = this.#builders.get(tree.leaf)!;
      builder.repetition.push(repetition);
      if (value === null) {
        builder.definition.push(definition);
      } else {
        builder.definition.push(this.#schema.leaves[tree.leaf]!.maxDefinition);
        builder.values.push(value);
      }
      return;
    }
    if (value === null) {
      this.#absent(tree, repetition, definition);
      return;
    }
    const parts = value as readonly HostValue[];
    if (tree.kind === "record") {
      for (const [index, field] of tree.fields.entries())
        this.add(field, parts[index] ?? null, repetition, definition + 1);
      return;
    }
    if (parts.length === 0) {
      this.#absent(tree, repetition, definition + 1);
      return;
    }
    for (let index = 0; index < parts.length; index++) {
      const repeats = index === 0 ? repetition : tree.depth;
      if (tree.kind === "list") {
        this.add(tree.item, parts[index]!, repeats, definition + 2);
      } else {
        const [key, item] = parts[index] as readonly HostValue[];
        if (key === null) throw new Error("a map has a key that is null, which Parquet cannot hold");
        this.add(tree.key, key!, repeats, definition + 2);
        this.add(tree.value, item!, repeats, definition + 2);
      }
    }
  }

  #absent(tree: Exclude<ColumnTree, { kind: "leaf" }>, repetition: number, definition: number): void {
    for (const leaf of tree.leaves) {
      const builder = this.#builders.get(leaf)!;
      builder.repetition.push(repetition);
      builder.definition.push(definition);
    }
  }

  values(leaf: number): LeafValues {
    const { definition, repetition, values } = this.#builders.get(leaf)!;
    const { type, maxRepetition } = this.#schema.leaves[leaf]!;
    return {
      count: definition.length,
      definition: Uint8Array.from(definition),
      ...(maxRepetition > 0 ? { repetition: Uint8Array.from(repetition) } : {}),
      present: presentOf(values, type),
    };
  }
}

/** Host values as arrays. */
function presentOf(values: readonly HostValue[], type: FenlType): PresentValues {
  switch (type.kind) {
    case "bool":
      return { kind: "bools", values: Int32Array.from(values, Number) };
    case "f64":
      return { kind: "numbers", values: Float64Array.from(values as number[]) };
    case "f16":
    case "f32":
      return { kind: "numbers", values: Float32Array.from(values as number[]) };
    default:
      if (typeof values[0] === "bigint") {
        const whole = values as readonly bigint[];
        return presentValues(
          BigInt64Array.from(whole, (value) => BigInt.asIntN(64, value)),
          undefined,
          type,
        );
      }
      if (typeof values[0] === "number") return { kind: "numbers", values: Int32Array.from(values as number[]) };
      return codedTexts(values as readonly string[]);
  }
}

function codedTexts(texts: readonly string[]): PresentValues {
  const codes = new Map<string, number>();
  const coded = Int32Array.from(texts, (text) => {
    const known = codes.get(text);
    if (known !== undefined) return known;
    codes.set(text, codes.size);
    return codes.size - 1;
  });
  return { kind: "texts", codes: coded, dictionary: [...codes.keys()] };
}
