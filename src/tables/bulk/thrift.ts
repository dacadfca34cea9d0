import { Unfit } from "./unfit.ts";

/** A value of Thrift's compact protocol; structs by their fields' numbers. */
export type ThriftValue = boolean | number | Uint8Array | readonly ThriftValue[] | ThriftStruct;

/** A field's type on the wire, and that of its items where it is a list. */
export interface WireType {
  readonly type: number;
  readonly items?: number;
}

/** A Thrift struct, by field numbers. */
export class ThriftStruct extends Map<number, ThriftValue> {
  /** What each field was when it was read. */
  readonly types = new Map<number, WireType>();

  /** The struct with other values in some fields; those that are undefined it loses. It has to have had them all. */
  with(changes: Readonly<Record<number, ThriftValue | undefined>>): ThriftStruct {
    const changed = new ThriftStruct();
    for (const [id, value] of this) {
      const own = id in changes ? changes[id] : value;
      if (own === undefined) continue;
      changed.set(id, own);
      changed.types.set(id, this.types.get(id)!);
    }
    return changed;
  }
}

const DEEPEST = 32;

const [TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const STRUCT = 12;

/** How a field that is made here is written. */
export const WIRE = {
  bool: { type: TRUE },
  i16: { type: I16 },
  i32: { type: I32 },
  i64: { type: I64 },
  text: { type: BINARY },
  struct: { type: STRUCT },
  i32s: { type: LIST, items: I32 },
  texts: { type: LIST, items: BINARY },
  structs: { type: LIST, items: STRUCT },
} as const satisfies Record<string, WireType>;

/** A struct of some fields, in the order of their numbers. */
export function thriftStruct(
  fields: readonly (readonly [id: number, wire: WireType, value: ThriftValue])[],
): ThriftStruct {
  const struct = new ThriftStruct();
  for (const [id, wire, value] of fields) {
    struct.set(id, value);
    struct.types.set(id, wire);
  }
  return struct;
}

/** Reads Thrift's compact protocol, in which Parquet has its metadata. @throws Unfit where the bytes are none */
export class ThriftReader {
  at: number;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  struct(depth = 0): ThriftStruct {
    if (depth > DEEPEST) throw new Unfit("its metadata is nested too deeply");
    const fields = new ThriftStruct();
    let id = 0;
    for (;;) {
      const head = this.byte();
      if (head === 0) return fields;
      const delta = head >> 4;
      id = delta === 0 ? this.integer() : id + delta;
      const type = head & 15;
      const items = type === LIST || type === SET ? this.bytes[this.at]! & 15 : undefined;
      fields.types.set(id, { type, items });
      fields.set(id, type === TRUE ? true : type === FALSE ? false : this.value(type, depth));
    }
  }

  private value(type: number, depth: number): ThriftValue {
    switch (type) {
      case TRUE:
      case FALSE:
        return this.byte() === 1;
      case BYTE:
        return (this.byte() << 24) >> 24;
      case I16:
      case I32:
      case I64:
        return this.integer();
      case DOUBLE: {
        this.at += 8;
        return Number.NaN;
      }
      case BINARY: {
        const size = this.unsigned();
        if (this.at + size > this.bytes.length) throw new Unfit("its metadata ends too early");
        this.at += size;
        return this.bytes.subarray(this.at - size, this.at);
      }
      case LIST:
      case SET: {
        const head = this.byte();
        const size = head >> 4 === 15 ? this.unsigned() : head >> 4;
        if (size > this.bytes.length) throw new Unfit("its metadata ends too early");
        return Array.from({ length: size }, () => this.value(head & 15, depth + 1));
      }
      case STRUCT:
        return this.struct(depth + 1);
      default:
        throw new Unfit(`its metadata has a value of type ${type}`);
    }
  }

  private byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new Unfit("its metadata ends too early");
    return byte;
  }

  private unsigned(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      if (scale > 2 ** 62) throw new Unfit("its metadata has a number that is too long");
    }
  }

  private integer(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

/**
 * The bytes of a struct that was read, with what has been changed in it; structs in it may be there as their bytes.
 * @throws Unfit where it has doubles or maps
 */
export function thriftBytes(struct: ThriftStruct): Uint8Array {
  const bytes: number[] = [];
  writeStruct(struct, bytes);
  return Uint8Array.from(bytes);
}

function writeStruct(struct: ThriftStruct, bytes: number[]): void {
  let last = 0;
  for (const [id, value] of struct) {
    const { type, items } = struct.types.get(id)!;
    const isBool = type === TRUE || type === FALSE;
    const shown = isBool ? (value ? TRUE : FALSE) : type;
    const delta = id - last;
    if (delta > 0 && delta < 16) bytes.push((delta << 4) | shown);
    else {
      bytes.push(shown);
      writeInteger(id, bytes);
    }
    if (!isBool) writeValue(value, type, items, bytes);
    last = id;
  }
  bytes.push(0);
}

function writeValue(value: ThriftValue, type: number, items: number | undefined, bytes: number[]): void {
  switch (type) {
    case TRUE:
    case FALSE:
      bytes.push(value ? 1 : 2);
      return;
    case BYTE:
      bytes.push((value as number) & 255);
      return;
    case I16:
    case I32:
    case I64:
      writeInteger(value as number, bytes);
      return;
    case BINARY: {
      const content = value as Uint8Array;
      writeUnsigned(content.length, bytes);
      append(content, bytes);
      return;
    }
    case LIST:
    case SET: {
      const list = value as readonly ThriftValue[];
      if (list.length < 15) bytes.push((list.length << 4) | items!);
      else {
        bytes.push(0xf0 | items!);
        writeUnsigned(list.length, bytes);
      }
      for (const item of list) writeValue(item, items!, undefined, bytes);
      return;
    }
    case STRUCT:
      if (value instanceof Uint8Array) append(value, bytes);
      else writeStruct(value as ThriftStruct, bytes);
      return;
    default:
      throw new Unfit(`its metadata has a value of type ${type}`);
  }
}

function append(content: Uint8Array, bytes: number[]): void {
  for (const byte of content) bytes.push(byte);
}

function writeUnsigned(value: number, bytes: number[]): void {
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
  bytes.push(left);
}

function writeInteger(value: number, bytes: number[]): void {
  writeUnsigned(value < 0 ? -2 * value - 1 : 2 * value, bytes);
}

/** A field that is a number. */
export function numberAt(struct: ThriftStruct, id: number): number | undefined {
  const value = struct.get(id);
  return typeof value === "number" ? value : undefined;
}

/** A field that is a struct. */
export function structAt(struct: ThriftStruct, id: number): ThriftStruct | undefined {
  const value = struct.get(id);
  return value instanceof ThriftStruct ? value : undefined;
}

/** A field that is a list of structs; empty where there is none. */
export function structsAt(struct: ThriftStruct, id: number): readonly ThriftStruct[] {
  const value = struct.get(id);
  return Array.isArray(value) ? value.filter((item): item is ThriftStruct => item instanceof ThriftStruct) : [];
}

/** A field that is a text. */
export function textAt(struct: ThriftStruct, id: number): string | undefined {
  const value = struct.get(id);
  return value instanceof Uint8Array ? Buffer.from(value).toString("utf8") : undefined;
}
