import type { Data, Table } from "apache-arrow";
import { Type, tableFromIPC, tableToIPC, Vector } from "apache-arrow";
import type { FenlType } from "../../values/fenl-type.ts";
import type { HostValue } from "../../values/host-value.ts";
import type { ColumnData } from "../column-data.ts";
import { columnOf, valueAt } from "../column-data.ts";
import { shown, TableError } from "../table-error.ts";
import { fenlTypeOf } from "./arrow-type.ts";
import type { ByteSource } from "./byte-source.ts";
import { digestSource, memorySource } from "./byte-source.ts";
import { columnFromArrow } from "./column-from-arrow.ts";
import { joinColumns } from "./join-columns.ts";
import type { ReadOptions } from "./read-csv.ts";
import type { SourceColumn, SourceTable } from "./source-table.ts";

/** Reads an Arrow IPC file or stream. */
export async function readArrowSource(source: ByteSource, options: ReadOptions = {}): Promise<SourceTable> {
  const digest = await digestSource(source);
  const bytes = new Uint8Array(source.size);
  for (let at = 0; at < bytes.length; ) {
    options.signal?.throwIfAborted();
    const read = await source.read(bytes.subarray(at), at);
    if (read === 0) break;
    at += read;
  }
  let table: Table;
  try {
    table = tableFromIPC(bytes);
  } catch (error) {
    const message = `${source.label} cannot be read as Arrow; expected an Arrow IPC file or stream`;
    throw new TableError("format", message, { file: source.label }, { cause: error });
  }
  if (table.schema.fields.length === 0) {
    const message = `${source.label} has no columns; expected an Arrow IPC file or stream with some`;
    throw new TableError("format", message, { file: source.label });
  }
  return sourceOf(source.label, table, digest);
}

/** An Arrow table in memory as a source; it is identified by its IPC bytes. */
export async function readArrowTable(label: string, table: Table): Promise<SourceTable> {
  const digest = await digestSource(memorySource(label, tableToIPC(table, "stream")));
  return sourceOf(label, table, digest);
}

function sourceOf(label: string, table: Table, digest: { contentHash: string; subsort: bigint }): SourceTable {
  const warnings: string[] = [];
  const columns: SourceColumn[] = [];
  const seen = new Set<string>();
  for (const [index, field] of table.schema.fields.entries()) {
    const { name } = field;
    if (seen.has(name)) {
      throw new TableError("format", `${label} has two columns named ${shown(name)}`, { file: label, column: name });
    }
    seen.add(name);
    const mapping = fenlTypeOf(field.type);
    if (mapping.type === null) {
      warnings.push(`${label}, column ${shown(name)} cannot be used and was left out: ${mapping.reason}`);
      continue;
    }
    if (mapping.remark !== undefined) warnings.push(`${label}, column ${shown(name)}: ${mapping.remark}`);
    const { type } = mapping;
    const chunks = table.batches.map((batch) => batch.data.children[index]!);
    const parts = chunks.map((chunk) => columnFromData(type, chunk));
    const data =
      chunks.length === 0
        ? columnOf(type, [])
        : joinColumns(
            type,
            parts,
            chunks.map((chunk) => chunk.length),
          );
    columns.push({ name, ...data });
  }
  return {
    label,
    rows: table.numRows,
    columns,
    ...digest,
    warnings,
    placeOf: (row, column) => ({ file: label, row: row + 1, column }),
  };
}

/** Arrow data, as any writer may have laid it out, as a column; equal texts have one code. */
export function columnFromData(type: FenlType, data: Data): ColumnData {
  if (data.typeId === Type.Dictionary) return columnFromDictionary(type, data);
  switch (type.kind) {
    case "null":
      return columnOf(type, new Array<null>(data.length).fill(null));
    case "string":
    case "large_string": {
      const texts = new Vector([data]);
      return columnOf(
        type,
        Array.from({ length: data.length }, (_, row) => texts.get(row) as string | null),
      );
    }
    case "f64":
      if (data.typeId === Type.Decimal) return decimals(type, data);
      return columnFromArrow(type, data);
    case "record": {
      const fields = type.fields.map((field, index) => columnFromData(field.type, data.children[index]!));
      const values = validityOf(data).map((valid, row) => (valid ? fields.map((field) => valueAt(field, row)) : null));
      return columnOf(type, values);
    }
    case "list": {
      const items = columnFromData(type.item, data.children[0]!);
      return columnOf(
        type,
        lists(data, (index) => valueAt(items, index)),
      );
    }
    case "map": {
      const [keyData, valueData] = data.children[0]!.children;
      const keys = columnFromData(type.key, keyData!);
      const values = columnFromData(type.value, valueData!);
      return columnOf(
        type,
        lists(data, (index) => [valueAt(keys, index), valueAt(values, index)]),
      );
    }
    default:
      return columnFromArrow(type, data);
  }
}

function validityOf(data: Data): boolean[] {
  return Array.from({ length: data.length }, (_, row) => data.getValid(row));
}

function lists(data: Data, itemAt: (index: number) => HostValue): HostValue[] {
  const size = data.typeId === Type.FixedSizeList ? (data.type as unknown as { listSize: number }).listSize : 0;
  const start = (row: number) => (size > 0 ? (data.offset + row) * size : Number(data.valueOffsets[row]));
  return validityOf(data).map((valid, row) => {
    if (!valid) return null;
    const from = start(row);
    const to = size > 0 ? from + size : start(row + 1);
    return Array.from({ length: to - from }, (_, index) => itemAt(from + index));
  });
}

function columnFromDictionary(type: FenlType, data: Data): ColumnData {
  const chunks = data.dictionary!.data;
  const parts = chunks.map((chunk) => columnFromData(type, chunk));
  const entries = joinColumns(
    type,
    parts,
    chunks.map((chunk) => chunk.length),
  );
  const indexes = data.values as ArrayLike<number | bigint>;
  const rows = validityOf(data).map((valid, row) => (valid ? valueAt(entries, Number(indexes[row])) : null));
  return columnOf(type, rows);
}

/** Decimals, as the nearest doubles. */
function decimals(type: FenlType, data: Data): ColumnData {
  const { scale, bitWidth } = data.type as unknown as { scale: number; bitWidth: number };
  const words = bitWidth / 32;
  const values = data.values as Uint32Array;
  const rows = validityOf(data).map((valid, row) => {
    if (!valid) return null;
    let whole = 0n;
    for (let index = words - 1; index >= 0; index--) whole = (whole << 32n) | BigInt(values[row * words + index]!);
    return Number(`${BigInt.asIntN(bitWidth, whole)}e${-scale}`);
  });
  return columnOf(type, rows);
}
