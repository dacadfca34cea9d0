import type { RowArray } from "../../execute/rows/allocate.ts";
import type { RowSetColumn } from "../../execute/rows/row-set.ts";
import type { FenlType } from "../../values/fenl-type.ts";
import type { TextRows } from "./encode-texts.ts";
import type { ColumnRows } from "./present-values.ts";

/** A column of rows under the name that it has in the file, in a form that goes from thread to thread. */
export type GroupColumn = { readonly name: string } & (
  | ({ readonly kind: "numbers"; readonly type: FenlType } & ColumnRows)
  | ({ readonly kind: "texts" } & TextRows)
  /** Texts, and before them a column of their hashes, of which there is one for each row or, `byCode`, for each text. */
  | ({
      readonly kind: "keys";
      readonly hashName: string;
      readonly hashes: BigInt64Array;
      readonly byCode: boolean;
    } & TextRows)
  /** Lists; what they are parts of is in memory that all threads see. */
  | { readonly kind: "lists"; readonly column: RowSetColumn }
  /** An Arrow stream with this column alone. */
  | { readonly kind: "arrow"; readonly stream: Uint8Array }
);

type Values = Exclude<RowArray, BigUint64Array>;
/** What becomes of an array. */
type Change = <T extends Values>(values: T) => T;

/** A column with other arrays: those of its rows, and those of what its codes stand for where these are not shared. */
export function mapArrays(column: GroupColumn, map: Change): GroupColumn {
  switch (column.kind) {
    case "texts":
    case "keys": {
      const { offsets, bytes, missing } = column.texts;
      const texts = { offsets: map(offsets), bytes: map(bytes), ...(missing ? { missing: map(missing) } : {}) };
      const hashes = column.kind === "keys" && column.byCode ? { hashes: map(column.hashes) } : {};
      return { ...mapRows(column, map), texts, ...hashes } as GroupColumn;
    }
    case "arrow":
      return { ...column, stream: map(column.stream) };
    default:
      return mapRows(column, map);
  }
}

/** A column with other arrays of rows. An Arrow stream has all of its rows in one. */
export function mapRows(column: GroupColumn, map: Change): GroupColumn {
  const validOf = ({ valid }: { readonly valid?: Uint8Array }) => (valid ? { valid: map(valid) } : {});
  switch (column.kind) {
    case "numbers":
      return { ...column, values: map(column.values), ...validOf(column) };
    case "texts":
      return { ...column, codes: map(column.codes), ...validOf(column) };
    case "keys": {
      const hashes = column.byCode ? column.hashes : map(column.hashes);
      return { ...column, codes: map(column.codes), hashes, ...validOf(column) };
    }
    case "lists": {
      const { values } = column.column;
      return { ...column, column: { ...column.column, values: map(values), ...validOf(column.column) } };
    }
    case "arrow":
      return column;
  }
}

/** Whether a column is in memory that all threads see, and can be cut into row groups there. */
export function areShared(column: GroupColumn): boolean {
  let all = column.kind !== "arrow";
  mapArrays(column, (values) => {
    all &&= values.buffer instanceof SharedArrayBuffer;
    return values;
  });
  return all;
}
