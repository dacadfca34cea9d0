import type {
  DuckDBArrayType,
  DuckDBArrayValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBMapType,
  DuckDBMapValue,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampValue,
  DuckDBType,
  DuckDBValue,
} from "@duckdb/node-api";
import type { FenlType, ScalarKind } from "../../values/fenl-type.ts";
import type { HostValue } from "../../values/host-value.ts";
import type { ArrowMapping } from "./arrow-type.ts";

/** DuckDB's type numbers, as far as Parquet files have them: its package is only loaded where files are read. */
const Id = {
  BOOLEAN: 1,
  TINYINT: 2,
  SMALLINT: 3,
  INTEGER: 4,
  BIGINT: 5,
  UTINYINT: 6,
  USMALLINT: 7,
  UINTEGER: 8,
  UBIGINT: 9,
  FLOAT: 10,
  DOUBLE: 11,
  TIMESTAMP: 12,
  DATE: 13,
  VARCHAR: 17,
  DECIMAL: 19,
  TIMESTAMP_S: 20,
  TIMESTAMP_MS: 21,
  TIMESTAMP_NS: 22,
  ENUM: 23,
  LIST: 24,
  STRUCT: 25,
  MAP: 26,
  UUID: 27,
  TIMESTAMP_TZ: 31,
  ARRAY: 33,
} as const;

const SCALARS: ReadonlyMap<number, ScalarKind> = new Map([
  [Id.BOOLEAN, "bool"],
  [Id.TINYINT, "i8"],
  [Id.SMALLINT, "i16"],
  [Id.INTEGER, "i32"],
  [Id.BIGINT, "i64"],
  [Id.UTINYINT, "u8"],
  [Id.USMALLINT, "u16"],
  [Id.UINTEGER, "u32"],
  [Id.UBIGINT, "u64"],
  [Id.FLOAT, "f32"],
  [Id.DOUBLE, "f64"],
  [Id.TIMESTAMP, "timestamp_us"],
  [Id.TIMESTAMP_S, "timestamp_s"],
  [Id.TIMESTAMP_MS, "timestamp_ms"],
  [Id.TIMESTAMP_NS, "timestamp_ns"],
  [Id.TIMESTAMP_TZ, "timestamp_us"],
  [Id.DATE, "date32"],
  [Id.VARCHAR, "string"],
  [Id.ENUM, "string"],
  [Id.UUID, "string"],
]);

/** The Fenl type of a DuckDB type: zones are dropped (values are UTC), decimals become f64. */
export function fenlTypeOfDuckDb(type: DuckDBType): ArrowMapping {
  const scalar = SCALARS.get(type.typeId);
  if (scalar !== undefined) return { type: { kind: scalar } };
  switch (type.typeId as number) {
    case Id.DECIMAL:
      return { type: { kind: "f64" }, remark: "decimals became f64, so digits beyond the 15th may differ" };
    case Id.LIST:
    case Id.ARRAY: {
      const item = fenlTypeOfDuckDb((type as DuckDBListType | DuckDBArrayType).valueType);
      return item.type === null ? item : { type: { kind: "list", item: item.type }, remark: item.remark };
    }
    case Id.MAP: {
      const key = fenlTypeOfDuckDb((type as DuckDBMapType).keyType);
      const value = fenlTypeOfDuckDb((type as DuckDBMapType).valueType);
      if (key.type === null) return key;
      if (value.type === null) return value;
      return { type: { kind: "map", key: key.type, value: value.type }, remark: key.remark ?? value.remark };
    }
    case Id.STRUCT: {
      const { entryNames, entryTypes } = type as DuckDBStructType;
      const mappings = entryTypes.map(fenlTypeOfDuckDb);
      const unusable = mappings.find((mapping) => mapping.type === null);
      if (unusable !== undefined) return unusable;
      const fields = mappings.map((mapping, index) => ({ name: entryNames[index]!, type: mapping.type! }));
      const remark = mappings.map((mapping) => (mapping.type === null ? undefined : mapping.remark)).find(Boolean);
      return { type: { kind: "record", fields }, remark };
    }
    default:
      return { type: null, reason: `Fenl has no type for ${type}` };
  }
}

/** Whether DuckDB's values of a type are decimals, which are cast before they are read. */
export function isDecimal(type: DuckDBType): boolean {
  return type.typeId === (Id.DECIMAL as number);
}

/** Whether times of a type come with a zone, for which DuckDB has microseconds only. */
export function isZoned(type: DuckDBType): boolean {
  return type.typeId === (Id.TIMESTAMP_TZ as number);
}

/** Whether a type's values must be cast to text before they are read. */
export function needsTextCast(type: DuckDBType): boolean {
  return type.typeId === (Id.UUID as number) || type.typeId === (Id.ENUM as number);
}

/** A value of a type that `fenlTypeOfDuckDb` knows, inside a list, map or struct. */
export function hostValueOf(type: FenlType, from: DuckDBType, value: DuckDBValue): HostValue {
  if (value === null || value === undefined) return null;
  switch (from.typeId as number) {
    case Id.DECIMAL:
      return (value as DuckDBDecimalValue).toDouble();
    case Id.DATE:
      return (value as DuckDBDateValue).days;
    case Id.TIMESTAMP:
    case Id.TIMESTAMP_TZ:
      return (value as DuckDBTimestampValue).micros;
    case Id.TIMESTAMP_S:
      return (value as unknown as { seconds: bigint }).seconds;
    case Id.TIMESTAMP_MS:
      return (value as unknown as { millis: bigint }).millis;
    case Id.TIMESTAMP_NS:
      return (value as DuckDBTimestampNanosecondsValue).nanos;
    case Id.UUID:
      return String(value);
    case Id.LIST:
    case Id.ARRAY: {
      const { item } = type as FenlType & { kind: "list" };
      const itemType = (from as DuckDBListType | DuckDBArrayType).valueType;
      return (value as DuckDBListValue | DuckDBArrayValue).items.map((each) => hostValueOf(item, itemType, each));
    }
    case Id.MAP: {
      const map = type as FenlType & { kind: "map" };
      const { keyType, valueType } = from as DuckDBMapType;
      return (value as DuckDBMapValue).entries.map((entry) => [
        hostValueOf(map.key, keyType, entry.key),
        hostValueOf(map.value, valueType, entry.value),
      ]);
    }
    case Id.STRUCT: {
      const record = type as FenlType & { kind: "record" };
      const { entryNames, entryTypes } = from as DuckDBStructType;
      const entries = (value as DuckDBStructValue).entries as Readonly<Record<string, DuckDBValue>>;
      return record.fields.map((field, index) =>
        hostValueOf(
          field.type,
          entryTypes[index]!,
          Object.hasOwn(entries, entryNames[index]!) ? entries[entryNames[index]!]! : null,
        ),
      );
    }
    default:
      return value as HostValue;
  }
}
