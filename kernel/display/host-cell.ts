import { inspect } from "node:util";
import { type GridCell, NULL_CELL, numberCell, textCell } from "./grid.ts";

/** The cell of a value as TypeScript holds it. */
export function hostCell(value: unknown): GridCell {
  switch (typeof value) {
    case "undefined":
      return { text: "", kind: "null" };
    case "number":
      return numberCell(value);
    case "bigint":
      return { text: String(value), kind: "number" };
    case "string":
      return textCell(value);
    case "boolean":
      return textCell(String(value));
    case "object":
      if (value === null) return NULL_CELL;
      if (value instanceof Date) return textCell(Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString());
      return textCell(inspectOnOneLine(value));
    default:
      return textCell(inspectOnOneLine(value));
  }
}

function inspectOnOneLine(value: unknown): string {
  return inspect(value, { depth: 3, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 20, maxStringLength: 100 });
}
