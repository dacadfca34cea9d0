import type { FenlType } from "../../values/fenl-type.ts";
import { freeName } from "../output.ts";
import { binary, bool, i32, struct, type ThriftValue } from "./thrift.ts";

/** The types of values in a file, with their numbers in its metadata. */
export const PHYSICAL = { boolean: 0, int32: 1, int64: 2, float: 4, double: 5, bytes: 6 } as const;
/** A type of values in a file. */
export type Physical = keyof typeof PHYSICAL;

/** A column of values in a file: a field of the result, or a part of one that has parts. */
export interface Leaf {
  readonly path: readonly string[];
  readonly type: FenlType;
  readonly physical: Physical;
  /** How many of the things around a value, itself included, can be absent; and how many of them are repeated. */
  readonly maxDefinition: number;
  readonly maxRepetition: number;
}

/** A field of the result, as a tree whose leaves are in the file. */
export type ColumnTree =
  | { readonly kind: "leaf"; readonly leaf: number }
  | { readonly kind: "record"; readonly fields: readonly ColumnTree[]; readonly leaves: readonly number[] }
  /** Lists, and maps as lists of keys and values. */
  | { readonly kind: "list"; readonly item: ColumnTree; readonly depth: number; readonly leaves: readonly number[] }
  | {
      readonly kind: "map";
      readonly key: ColumnTree;
      readonly value: ColumnTree;
      readonly depth: number;
      readonly leaves: readonly number[];
    };

/** How a result's fields are laid out in a file. */
export interface FileSchema {
  /** The schema's elements, as the file's metadata has them. */
  readonly elements: readonly ThriftValue[];
  readonly leaves: readonly Leaf[];
  /** A tree for each field. */
  readonly columns: readonly ColumnTree[];
}

const [REQUIRED, OPTIONAL, REPEATED] = [0, 1, 2];
/** Older readers know types by these numbers only. */
const CONVERTED = { text: 0, map: 1, list: 3, date: 6, milliseconds: 9, microseconds: 10 };
const UNSIGNED = { u8: 11, u16: 12, u32: 13, u64: 14 };
const SIGNED = { i8: 15, i16: 16, i32: 17, i64: 18 };
const LOGICAL = { string: 1, map: 2, list: 3, date: 6, timestamp: 8 };

/** Lays out fields; all of them may be null. */
export function fileSchema(fields: readonly { readonly name: string; readonly type: FenlType }[]): FileSchema {
  const builder = new SchemaBuilder();
  const names = distinctNames(fields.map(({ name }) => name));
  builder.elements.push(struct({ 4: binary("fenl"), 5: i32(fields.length) }));
  const columns = fields.map(({ type }, index) => builder.column([names[index]!], type, OPTIONAL!, 0, 0));
  return { elements: builder.elements, leaves: builder.leaves, columns };
}

class SchemaBuilder {
  readonly elements: ThriftValue[] = [];
  readonly leaves: Leaf[] = [];

  /** Adds a field; `definition` and `repetition` are what its surroundings count. */
  column(path: readonly string[], type: FenlType, kind: number, definition: number, repetition: number): ColumnTree {
    const own = definition + (kind === OPTIONAL ? 1 : 0);
    const first = this.leaves.length;
    const leaves = () => Array.from({ length: this.leaves.length - first }, (_, index) => first + index);
    const group = (children: number, converted?: number, logical?: number) =>
      this.elements.push(
        struct({
          3: i32(kind),
          4: binary(path.at(-1)!),
          5: i32(children),
          6: converted === undefined ? undefined : i32(converted),
          10: logical === undefined ? undefined : struct({ [logical]: struct({}) }),
        }),
      );
    const repeated = (name: string, children: number) =>
      this.elements.push(struct({ 3: i32(REPEATED!), 4: binary(name), 5: i32(children) }));
    switch (type.kind) {
      case "record": {
        group(type.fields.length);
        const names = distinctNames(type.fields.map(({ name }) => name));
        const fields = type.fields.map((field, index) =>
          this.column([...path, names[index]!], field.type, OPTIONAL!, own, repetition),
        );
        return { kind: "record", fields, leaves: leaves() };
      }
      case "list": {
        group(1, CONVERTED.list, LOGICAL.list);
        repeated("list", 1);
        const item = this.column([...path, "list", "element"], type.item, OPTIONAL!, own + 1, repetition + 1);
        return { kind: "list", item, depth: repetition + 1, leaves: leaves() };
      }
      case "map": {
        group(1, CONVERTED.map, LOGICAL.map);
        repeated("key_value", 2);
        const entry = [...path, "key_value"];
        const key = this.column([...entry, "key"], type.key, REQUIRED!, own + 1, repetition + 1);
        const value = this.column([...entry, "value"], type.value, OPTIONAL!, own + 1, repetition + 1);
        return { kind: "map", key, value, depth: repetition + 1, leaves: leaves() };
      }
      default: {
        const physical = physicalType(type);
        this.elements.push(
          struct({ 1: i32(PHYSICAL[physical]), 3: i32(kind), 4: binary(path.at(-1)!), ...annotations(type) }),
        );
        this.leaves.push({ path, type, physical, maxDefinition: own, maxRepetition: repetition });
        return { kind: "leaf", leaf: first };
      }
    }
  }
}

function physicalType(type: FenlType): Physical {
  switch (type.kind) {
    case "bool":
      return "boolean";
    case "i8":
    case "i16":
    case "i32":
    case "u8":
    case "u16":
    case "u32":
    case "date32":
    case "interval_days":
    case "interval_months":
      return "int32";
    case "f16":
    case "f32":
      return "float";
    case "f64":
      return "double";
    case "i64":
    case "u64":
    case "date64":
      return "int64";
    default:
      return /^(timestamp|duration)_/.test(type.kind) ? "int64" : "bytes";
  }
}

/** What a file says of a leaf besides its physical type. */
function annotations(type: FenlType): Record<number, ThriftValue | undefined> {
  const timestamp = (unit: number, converted?: number) => ({
    6: converted === undefined ? undefined : i32(converted),
    10: struct({ [LOGICAL.timestamp]: struct({ 1: bool(false), 2: struct({ [unit]: struct({}) }) }) }),
  });
  switch (type.kind) {
    case "timestamp_s":
    case "timestamp_ms":
    case "date64":
      return timestamp(1, CONVERTED.milliseconds);
    case "timestamp_us":
      return timestamp(2, CONVERTED.microseconds);
    case "timestamp_ns":
      return timestamp(3);
    case "date32":
      return { 6: i32(CONVERTED.date), 10: struct({ [LOGICAL.date]: struct({}) }) };
    case "u8":
    case "u16":
    case "u32":
    case "u64":
      return { 6: i32(UNSIGNED[type.kind]) };
    case "i8":
    case "i16":
    case "i32":
    case "i64":
      return { 6: i32(SIGNED[type.kind]) };
    case "bool":
    case "f16":
    case "f32":
    case "f64":
    case "interval_days":
    case "interval_months":
    case "duration_s":
    case "duration_ms":
    case "duration_us":
    case "duration_ns":
      return {};
    default:
      return { 6: i32(CONVERTED.text), 10: struct({ [LOGICAL.string]: struct({}) }) };
  }
}

/** Names as readers of Parquet can take them: not empty, and distinct also where the letters' case is ignored. */
export function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  const own = new Set(names.map((name) => name.toLowerCase()));
  return names.map((original) => {
    const name = original === "" ? "_" : original;
    const unique =
      original !== "" && !taken.has(name.toLowerCase())
        ? name
        : freeName(name, {
            has: (candidate) => taken.has(candidate.toLowerCase()) || own.has(candidate.toLowerCase()),
          });
    taken.add(unique.toLowerCase());
    return unique;
  });
}
