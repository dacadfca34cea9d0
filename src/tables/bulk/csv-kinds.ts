import type { FenlType, ScalarKind } from "../../values/fenl-type.ts";
import type { CellFacts, CellKind } from "./csv-values.ts";
import { Unfit } from "./unfit.ts";

const TYPES: Readonly<Record<CellKind, ScalarKind>> = {
  empty: "string",
  bool: "bool",
  int: "i64",
  float: "f64",
  date: "date32",
  time_s: "timestamp_s",
  time_ms: "timestamp_ms",
  time_us: "timestamp_us",
  time_ns: "timestamp_ns",
  string: "string",
};

/** From the coarsest unit to the finest. */
const TIMES: readonly CellKind[] = ["time_s", "time_ms", "time_us", "time_ns"];

/** The type of a column of cells of a kind. */
export function typeOfKind(kind: CellKind): FenlType {
  return { kind: TYPES[kind] } as FenlType;
}

/** What a column's cells are, from what they are in each piece. @throws Unfit where a time does not fit its unit */
export function kindOfAll(pieces: readonly CellFacts[]): CellKind {
  const kinds = new Set(pieces.map(({ kind }) => kind));
  kinds.delete("empty");
  if (kinds.size === 0) return "empty";
  if ([...kinds].every((kind) => kind === "int" || kind === "float")) {
    if (!kinds.has("float")) return "int";
    const huge = pieces.some((piece) => piece.huge);
    return huge && !pieces.some((piece) => piece.decimal) ? "string" : "float";
  }
  if ([...kinds].every((kind) => TIMES.includes(kind))) {
    const finest = TIMES.findLast((kind) => kinds.has(kind))!;
    if (finest === "time_ns" && pieces.some((piece) => piece.outOfRange)) throw new Unfit("a time is out of range");
    return finest;
  }
  return kinds.size === 1 ? [...kinds][0]! : "string";
}
