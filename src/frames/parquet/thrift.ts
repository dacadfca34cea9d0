/** A value in Thrift's compact protocol, the form of everything in a Parquet file that is not data. */
export type ThriftValue =
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "i32" | "i64"; readonly value: number }
  | { readonly kind: "binary"; readonly value: string | Uint8Array }
  | {
      readonly kind: "list";
      readonly of: Exclude<ThriftValue["kind"], "bool" | "list">;
      readonly items: readonly ThriftValue[];
    }
  | { readonly kind: "struct"; readonly fields: Readonly<Record<number, ThriftValue | undefined>> };

/** A true or false. */
export const bool = (value: boolean): ThriftValue => ({ kind: "bool", value });
/** A number of 32 bits. */
export const i32 = (value: number): ThriftValue => ({ kind: "i32", value });
/** A number of 64 bits, as far as JavaScript's numbers are exact. */
export const i64 = (value: number): ThriftValue => ({ kind: "i64", value });
/** Text or bytes. */
export const binary = (value: string | Uint8Array): ThriftValue => ({ kind: "binary", value });
/** Values of one kind. */
export const list = (of: Extract<ThriftValue, { kind: "list" }>["of"], items: readonly ThriftValue[]): ThriftValue => ({
  kind: "list",
  of,
  items,
});
/** Fields by their numbers; absent ones may be undefined. */
export const struct = (fields: Readonly<Record<number, ThriftValue | undefined>>): ThriftValue => ({
  kind: "struct",
  fields,
});

const TYPE = { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;
const [TRUE, FALSE] = [1, 2];

/** A struct's bytes. */
export function thriftBytes(value: ThriftValue): Buffer {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return Buffer.concat(parts);
}

function write(value: ThriftValue, to: Uint8Array[]): void {
  switch (value.kind) {
    case "bool":
      to.push(Uint8Array.of(value.value ? TRUE : FALSE));
      return;
    case "i32":
    case "i64":
      to.push(varint(value.value < 0 ? -2 * value.value - 1 : 2 * value.value));
      return;
    case "binary": {
      const bytes = typeof value.value === "string" ? Buffer.from(value.value) : value.value;
      to.push(varint(bytes.length), bytes);
      return;
    }
    case "list": {
      const { of, items } = value;
      const short = items.length < 15;
      to.push(Uint8Array.of(((short ? items.length : 15) << 4) | TYPE[of]));
      if (!short) to.push(varint(items.length));
      for (const item of items) write(item, to);
      return;
    }
    case "struct": {
      let previous = 0;
      // Numbers as names come in their order.
      for (const [name, field] of Object.entries(value.fields)) {
        if (field === undefined) continue;
        const type = field.kind === "bool" ? (field.value ? TRUE : FALSE) : TYPE[field.kind];
        to.push(Uint8Array.of(((Number(name) - previous) << 4) | type));
        if (field.kind !== "bool") write(field, to);
        previous = Number(name);
      }
      to.push(Uint8Array.of(0));
    }
  }
}

/** A number that is not negative, seven bits a byte, the lowest first. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
