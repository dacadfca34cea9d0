import type { Data, DataType, Table, Vector } from "apache-arrow";
import { formatFloat, formatFloat32 } from "../../src/values/csv-text.ts";
import { formatDate, formatTimestamp } from "../../src/values/timestamp.ts";
import { firstRows, type Grid, type GridCell, NULL_CELL, type RowRange, SHOWN_COLUMNS, textCell } from "./grid.ts";

/** Rows of an Arrow table, the first ones unless told, exact: 64-bit integers and nanoseconds are not rounded. */
export function arrowGrid(table: Table, range: RowRange = firstRows(table.numCols)): Grid {
  const fields = table.schema.fields.slice(0, SHOWN_COLUMNS);
  const rows = Math.max(0, Math.min(range.rows, table.numRows - range.from));
  const columns = fields.map((_, at) => columnCells(table.getChildAt(at)!, range.from, rows));
  return {
    columns: fields.map((field) => ({ name: field.name, type: arrowTypeName(field.type) })),
    rows: Array.from({ length: rows }, (_, row) => columns.map((cells) => cells[row]!)),
    shown: range.shown,
    from: range.from,
    totalRows: table.numRows,
    totalColumns: table.numCols,
  };
}

/** The ids of Arrow's types: reading these needs no copy of the library, whose load would delay the kernel's start. */
const ID = {
  dictionary: -1,
  null: 1,
  int: 2,
  float: 3,
  utf8: 5,
  bool: 6,
  date: 8,
  timestamp: 10,
  list: 12,
  struct: 13,
  map: 17,
  duration: 18,
  largeUtf8: 20,
} as const;

/** The Fenl name of an Arrow type, or Arrow's own where Fenl has none. */
export function arrowTypeName(type: DataType): string {
  const { typeId, unit, children } = type as DataType & { readonly unit: number };
  switch (typeId as number) {
    case ID.dictionary:
      return arrowTypeName((type as DataType & { readonly dictionary: DataType }).dictionary);
    case ID.null:
      return "null";
    case ID.bool:
      return "bool";
    case ID.int: {
      const { isSigned, bitWidth } = type as DataType & { readonly isSigned: boolean; readonly bitWidth: number };
      return `${isSigned ? "i" : "u"}${bitWidth}`;
    }
    case ID.float:
      return `f${16 << (type as DataType & { readonly precision: number }).precision}`;
    case ID.utf8:
      return "string";
    case ID.largeUtf8:
      return "large_string";
    case ID.timestamp:
      return `timestamp_${UNITS[unit]}`;
    case ID.duration:
      return `duration_${UNITS[unit]}`;
    case ID.date:
      return unit === 0 ? "date32" : "date64";
    case ID.list:
      return `list<${arrowTypeName(children[0]!.type)}>`;
    case ID.map: {
      const entry = children[0]!.type as DataType;
      return `map<${entry.children.map((child) => arrowTypeName(child.type)).join(", ")}>`;
    }
    case ID.struct:
      return `{${children.map((child) => `${child.name}: ${arrowTypeName(child.type)}`).join(", ")}}`;
    default:
      return String(type);
  }
}

function columnCells(column: Vector, from: number, rows: number): GridCell[] {
  const reader = new ArrowReader(column.constructor as VectorConstructor);
  const cells: GridCell[] = [];
  let before = 0;
  for (const data of column.data) {
    for (let at = Math.max(0, from - before); at < data.length && cells.length < rows; at++) {
      cells.push(reader.cell(data, at));
    }
    before += data.length;
  }
  return (column.type.typeId as number) === ID.timestamp ? shortenTimes(cells) : cells;
}

type VectorConstructor = new (data: readonly Data[]) => Vector;

class ArrowReader {
  readonly #Vector: VectorConstructor;

  constructor(vector: VectorConstructor) {
    this.#Vector = vector;
  }

  cell(data: Data, at: number): GridCell {
    const text = this.#text(data, at);
    if (text === null) return NULL_CELL;
    const id = data.type.typeId as number;
    if (id === ID.float && text === "NaN") return { text, kind: "nan" };
    return id === ID.int || id === ID.float || id === ID.duration ? { text, kind: "number" } : textCell(text);
  }

  #text(data: Data, at: number): string | null {
    if (!data.getValid(at)) return null;
    const { typeId, unit, children } = data.type as DataType & { readonly unit: number };
    switch (typeId as number) {
      case ID.dictionary: {
        let code = Number(data.values[at]);
        for (const chunk of data.dictionary!.data) {
          if (code < chunk.length) return this.#text(chunk, code);
          code -= chunk.length;
        }
        return null;
      }
      case ID.int:
        return String(data.values[at]);
      case ID.timestamp:
        return formatTimestamp(BigInt(data.values[at]) * NANOSECONDS[unit]!);
      case ID.duration:
        return `${data.values[at]} ${UNITS[unit]}`;
      case ID.date: {
        const days = unit === 0 ? Number(data.values[at]) : Math.floor(Number(data.values[at]) / 86_400_000);
        return formatDate(days);
      }
      case ID.list:
        return `[${range(data, at)
          .map((item) => this.#text(data.children[0]!, item))
          .join(", ")}]`;
      case ID.map: {
        const [keys, values] = data.children[0]!.children as [Data, Data];
        return `{${range(data, at)
          .map((item) => `${this.#text(keys, item)}: ${this.#text(values, item)}`)
          .join(", ")}}`;
      }
      case ID.struct:
        return `{${children.map((field, child) => `${field.name}: ${this.#text(data.children[child]!, at)}`).join(", ")}}`;
      default: {
        const value: unknown = new this.#Vector([data]).get(at);
        if (value === null || value === undefined) return null;
        if (typeof value !== "number") return String(value);
        return arrowTypeName(data.type) === "f32" ? formatFloat32(value) : formatFloat(value);
      }
    }
  }
}

function range(data: Data, at: number): number[] {
  const from = Number(data.valueOffsets[at]);
  const to = Number(data.valueOffsets[at + 1]);
  return Array.from({ length: to - from }, (_, item) => from + item);
}

const NANOSECONDS = [1_000_000_000n, 1_000_000n, 1000n, 1n] as const;

const UNITS = ["s", "ms", "us", "ns"] as const;

/** `2022-01-01 02:30:00`, with as many digits of the second's fraction as the column's values need. */
function shortenTimes(cells: readonly GridCell[]): GridCell[] {
  const digits = Math.max(0, ...cells.map((cell) => fractionDigits(cell.text)));
  return cells.map((cell) =>
    cell.kind === "null"
      ? cell
      : {
          ...cell,
          text: cell.text.replace("T", " ").replace(/\.\d+$/, (all) => (digits === 0 ? "" : all.slice(0, digits + 1))),
        },
  );
}

/** 0, 3, 6 or 9. */
function fractionDigits(time: string): number {
  const significant = /\.(\d*[1-9])/.exec(time)?.[1] ?? "";
  return Math.ceil(significant.length / 3) * 3;
}
