import { Unfit } from "./unfit.ts";

/** A value of Thrift's compact protocol; structs by their fields' numbers. */
export type ThriftValue = boolean | number | Uint8Array | readonly ThriftValue[] | ThriftStruct;

/** A Thrift struct, by field numbers. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

const DEEPEST = 32;

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
    const fields = new Map<number, ThriftValue>();
    let id = 0;
    for (;;) {
      const head = this.byte();
      if (head === 0) return fields;
      const delta = head >> 4;
      id = delta === 0 ? this.integer() : id + delta;
      const type = head & 15;
      fields.set(id, type === 1 ? true : type === 2 ? false : this.value(type, depth));
    }
  }

  private value(type: number, depth: number): ThriftValue {
    switch (type) {
      case 1:
      case 2:
        return this.byte() === 1;
      case 3:
        return (this.byte() << 24) >> 24;
      case 4:
      case 5:
      case 6:
        return this.integer();
      case 7: {
        this.at += 8;
        return Number.NaN;
      }
      case 8: {
        const size = this.unsigned();
        if (this.at + size > this.bytes.length) throw new Unfit("its metadata ends too early");
        this.at += size;
        return this.bytes.subarray(this.at - size, this.at);
      }
      case 9:
      case 10: {
        const head = this.byte();
        const size = head >> 4 === 15 ? this.unsigned() : head >> 4;
        if (size > this.bytes.length) throw new Unfit("its metadata ends too early");
        return Array.from({ length: size }, () => this.value(head & 15, depth + 1));
      }
      case 12:
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

/** A field that is a number. */
export function numberAt(struct: ThriftStruct, id: number): number | undefined {
  const value = struct.get(id);
  return typeof value === "number" ? value : undefined;
}

/** A field that is a struct. */
export function structAt(struct: ThriftStruct, id: number): ThriftStruct | undefined {
  const value = struct.get(id);
  return value instanceof Map ? value : undefined;
}

/** A field that is a list of structs; empty where there is none. */
export function structsAt(struct: ThriftStruct, id: number): readonly ThriftStruct[] {
  const value = struct.get(id);
  return Array.isArray(value) ? value.filter((item): item is ThriftStruct => item instanceof Map) : [];
}

/** A field that is a text. */
export function textAt(struct: ThriftStruct, id: number): string | undefined {
  const value = struct.get(id);
  return value instanceof Uint8Array ? Buffer.from(value).toString("utf8") : undefined;
}
