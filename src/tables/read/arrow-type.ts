import type { DataType, Field, FixedSizeList, List, Map_, Struct, Timestamp } from "apache-arrow";
import { Type } from "apache-arrow";
import type { FenlType, ScalarKind } from "../../values/fenl-type.ts";

/** A Fenl type for data of an Arrow type, or why there is none. */
export type ArrowMapping =
  | { readonly type: FenlType; readonly remark?: string }
  | { readonly type: null; readonly reason: string };

const UNITS = ["s", "ms", "us", "ns"] as const;

const INTEGERS: Readonly<Record<string, ScalarKind>> = {
  "8true": "i8",
  "16true": "i16",
  "32true": "i32",
  "64true": "i64",
  "8false": "u8",
  "16false": "u16",
  "32false": "u32",
  "64false": "u64",
};

function of(kind: ScalarKind): ArrowMapping {
  return { type: { kind } };
}

/** The Fenl type of an Arrow type: zones are dropped (values are UTC), decimals become f64. */
export function fenlTypeOf(type: DataType): ArrowMapping {
  switch (type.typeId) {
    case Type.Null:
      return of("null");
    case Type.Bool:
      return of("bool");
    case Type.Int: {
      const { bitWidth, isSigned } = type as DataType & { bitWidth: number; isSigned: boolean };
      return of(INTEGERS[`${bitWidth}${isSigned}`]!);
    }
    case Type.Float:
      return of((["f16", "f32", "f64"] as const)[(type as DataType & { precision: number }).precision]!);
    case Type.Utf8:
    case Type.Utf8View:
      return of("string");
    case Type.LargeUtf8:
      return of("string");
    case Type.Decimal:
      return { type: { kind: "f64" }, remark: "decimals became f64, so digits beyond the 15th may differ" };
    case Type.Date:
      return of((type as DataType & { unit: number }).unit === 0 ? "date32" : "date64");
    case Type.Timestamp:
      return of(`timestamp_${UNITS[(type as Timestamp).unit]!}`);
    case Type.Duration:
      return of(`duration_${UNITS[(type as DataType & { unit: number }).unit]!}`);
    case Type.Interval:
      if ((type as DataType & { unit: number }).unit === 0) return of("interval_months");
      return { type: null, reason: "Fenl has no intervals of mixed units" };
    case Type.Dictionary:
      return fenlTypeOf((type as DataType & { dictionary: DataType }).dictionary);
    case Type.List:
    case Type.LargeList:
    case Type.FixedSizeList: {
      const item = fenlTypeOf((type as List | FixedSizeList).children[0]!.type);
      if (item.type === null) return item;
      return { type: { kind: "list", item: item.type }, remark: item.remark };
    }
    case Type.Map: {
      const [key, value] = (type as Map_).children[0]!.type.children.map((field: Field) => fenlTypeOf(field.type));
      if (key!.type === null) return key!;
      if (value!.type === null) return value!;
      return { type: { kind: "map", key: key!.type, value: value!.type }, remark: key!.remark ?? value!.remark };
    }
    case Type.Struct: {
      const fields = (type as Struct).children.map((field) => ({ name: field.name, mapping: fenlTypeOf(field.type) }));
      const unusable = fields.find(({ mapping }) => mapping.type === null);
      if (unusable !== undefined) return unusable.mapping;
      const record = fields.map(({ name, mapping }) => ({ name, type: mapping.type! }));
      const remark = fields.map(({ mapping }) => (mapping.type === null ? undefined : mapping.remark)).find(Boolean);
      return { type: { kind: "record", fields: record }, remark };
    }
    default:
      return { type: null, reason: `Fenl has no type for ${type}` };
  }
}
