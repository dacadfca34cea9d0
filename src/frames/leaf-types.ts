import type { FenlType } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";
import { distinctNames } from "./distinct-names.ts";

/** A type with others in the place of its leaves, which are what is no list, map or record; names in records are distinct. */
export function mapLeafTypes(type: FenlType, leaf: (type: FenlType) => FenlType): FenlType {
  switch (type.kind) {
    case "list":
      return { kind: "list", item: mapLeafTypes(type.item, leaf) };
    case "map":
      return { kind: "map", key: mapLeafTypes(type.key, leaf), value: mapLeafTypes(type.value, leaf) };
    case "record": {
      const names = distinctNames(type.fields.map(({ name }) => name));
      return {
        kind: "record",
        fields: type.fields.map((field, index) => ({ name: names[index]!, type: mapLeafTypes(field.type, leaf) })),
      };
    }
    default:
      return leaf(type);
  }
}

/** Makes another value of one. */
export type Conversion = (value: HostValue) => HostValue;

/**
 * The conversion of a type's values that converts their leaves; null stays null. Null where no leaf is converted.
 * @param leaf the conversion of a leaf's values other than null; null where they stay.
 */
export function leafConversion(type: FenlType, leaf: (type: FenlType) => Conversion | null): Conversion | null {
  const present = presentConversion(type, leaf);
  return present && ((value) => (value === null ? null : present(value)));
}

function presentConversion(type: FenlType, leaf: (type: FenlType) => Conversion | null): Conversion | null {
  switch (type.kind) {
    case "list": {
      const item = leafConversion(type.item, leaf);
      return item && ((value) => (value as readonly HostValue[]).map(item));
    }
    case "map": {
      const [key, item] = [leafConversion(type.key, leaf), leafConversion(type.value, leaf)];
      if (key === null && item === null) return null;
      const pair = ([one, other]: readonly HostValue[]) =>
        [key ? key(one!) : one!, item ? item(other!) : other!] as const;
      return (value) => (value as readonly (readonly HostValue[])[]).map(pair);
    }
    case "record": {
      const fields = type.fields.map((field) => leafConversion(field.type, leaf));
      if (fields.every((field) => field === null)) return null;
      const convert = (value: HostValue, index: number) => fields[index]?.(value) ?? value;
      return (value) => (value as readonly HostValue[]).map(convert);
    }
    default:
      return leaf(type);
  }
}
