import { type FenlType, isUnsigned, sameType } from "../values/fenl-type.ts";
import { durationRank, floatRank, integerBits, isString, isTimestamp } from "./least-upper-bound.ts";

function integerFits(from: FenlType, fromBits: number, to: FenlType, toBits: number): boolean {
  if (isUnsigned(from) === isUnsigned(to)) return fromBits <= toBits;
  return isUnsigned(from) && fromBits < toBits;
}

/** True where a value of type `from` may stand for one of type `to` without a cast being written. */
export function converts(from: FenlType, to: FenlType): boolean {
  if (sameType(from, to) || from.kind === "error" || to.kind === "error") return true;
  if (to.kind === "window" || to.kind === "json") return false;
  if (from.kind === "null") return true;
  if (from.kind === "record") {
    if (to.kind !== "record" || to.fields.length !== from.fields.length) return false;
    const types = new Map(from.fields.map((field) => [field.name, field.type]));
    return to.fields.every((field) => {
      const type = types.get(field.name);
      return type !== undefined && converts(type, field.type);
    });
  }
  if (from.kind === "list") return to.kind === "list" && converts(from.item, to.item);
  if (from.kind === "map") return to.kind === "map" && converts(from.key, to.key) && converts(from.value, to.value);
  const [fromBits, toBits] = [integerBits(from), integerBits(to)];
  if (fromBits !== null) return toBits === null ? to.kind === "f64" : integerFits(from, fromBits, to, toBits);
  if (floatRank(from) >= 0) return floatRank(to) > floatRank(from);
  if (durationRank(from) >= 0) return durationRank(to) > durationRank(from);
  if (isString(from)) return isString(to) || to.kind === "timestamp_ns";
  return isTimestamp(from) && to.kind === "timestamp_ns";
}
