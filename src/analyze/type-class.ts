import type { TypeClass } from "../functions/signature.ts";
import { type FenlType, isUnsigned } from "../values/fenl-type.ts";
import { durationRank, floatRank, integerBits, isString, isTimestamp, signedOfBits } from "./least-upper-bound.ts";

function isNumber(type: FenlType): boolean {
  return integerBits(type) !== null || floatRank(type) >= 0;
}

function isTimedelta(type: FenlType): boolean {
  return durationRank(type) >= 0 || type.kind === "interval_days" || type.kind === "interval_months";
}

function isDate(type: FenlType): boolean {
  return type.kind === "date32" || type.kind === "date64";
}

function isAny(type: FenlType): boolean {
  switch (type.kind) {
    case "window":
    case "json":
      return false;
    case "record":
      return type.fields.every((field) => isAny(field.type));
    case "list":
      return isAny(type.item);
    case "map":
      return isAny(type.key) && isAny(type.value);
    default:
      return true;
  }
}

function isKey(type: FenlType): boolean {
  switch (type.kind) {
    case "record":
      return type.fields.every((field) => isKey(field.type));
    case "list":
    case "map":
    case "json":
    case "window":
      return false;
    default:
      return true;
  }
}

/**
 * The type of the class that values of `type` become, null when they cannot. The untyped null becomes the class's
 * plainest type. Strings and bools are ordered: by bytes, and false before true.
 */
export function promote(type: FenlType, typeClass: TypeClass): FenlType | null {
  switch (typeClass) {
    case "any":
      return isAny(type) ? type : null;
    case "key":
      return isKey(type) ? type : null;
    case "number":
      return type.kind === "null" ? { kind: "i64" } : isNumber(type) ? type : null;
    case "signed":
      if (type.kind === "null") return { kind: "i64" };
      return isUnsigned(type) ? signedOfBits((integerBits(type) ?? 0) * 2) : isNumber(type) ? type : null;
    case "float":
      return type.kind === "null" || integerBits(type) !== null ? { kind: "f64" } : floatRank(type) >= 0 ? type : null;
    case "ordered":
      if (type.kind === "null") return { kind: "i64" };
      return isNumber(type) ||
        isTimestamp(type) ||
        isDate(type) ||
        isTimedelta(type) ||
        isString(type) ||
        type.kind === "bool"
        ? type
        : null;
    case "timedelta":
      return type.kind === "null" ? { kind: "duration_s" } : isTimedelta(type) ? type : null;
  }
}
