import { arrowData, denseData } from "../../src/tables/prepared/arrow-data.ts";
import { arrowFileParts } from "../../src/tables/prepared/arrow-file.ts";
import type { PreparedRows } from "../../src/tables/prepared/prepare.ts";
import { fieldName, TYPE_METADATA } from "../../src/tables/prepared/prepared-fields.ts";

/** Rows as a prepared file of stores up to format 3: a key hash and a subsort of 64 bits for each row, and all columns. */
export function formerBytes({ keyHash, time, subsort, columns }: PreparedRows): Uint8Array {
  const rows = time.length;
  const ids = { next: 0 };
  const fields = [
    { name: "_key_hash", nullable: false, data: denseData("u64", keyHash) },
    { name: "_time", nullable: false, data: denseData("timestamp_ns", time) },
    { name: "_subsort", nullable: false, data: denseData("u64", subsort) },
    ...columns.map((column) => ({
      name: fieldName(column.name),
      nullable: true,
      data: arrowData(column, rows, ids),
      metadata: { [TYPE_METADATA]: JSON.stringify(column.type) },
    })),
  ];
  return Buffer.concat(arrowFileParts(fields, rows));
}
