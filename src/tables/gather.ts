import type { HostValue } from "../values/host-value.ts";
import type { ColumnData } from "./column-data.ts";

type Values = ColumnData["values"];

/** The values of a column at some rows, in that order; a dictionary keeps only what these rows use. */
export function gather(column: ColumnData, order: Uint32Array): ColumnData {
  const { type, valid, values, dictionary, fields } = column;
  const gatheredValid = valid === undefined ? undefined : gatherValid(valid, order);
  if (fields !== undefined) {
    const gathered = fields.map((field) => ({ name: field.name, ...gather(field, order) }));
    return { type, values, valid: gatheredValid, fields: gathered };
  }
  const gathered = gatherValues(values, order);
  if (dictionary === undefined) return { type, values: gathered, valid: gatheredValid };
  const used = usedEntries(gathered as Int32Array, gatheredValid, dictionary);
  return { type, values: gathered, valid: gatheredValid, dictionary: used };
}

function gatherValid(valid: Uint8Array, order: Uint32Array): Uint8Array | undefined {
  const result = new Uint8Array(order.length);
  let all = 1;
  for (let index = 0; index < order.length; index++) {
    const bit = valid[order[index]!]!;
    result[index] = bit;
    all &= bit;
  }
  return all === 1 ? undefined : result;
}

function gatherValues(values: Values, order: Uint32Array): Values {
  const rows = order.length;
  if (values instanceof Int32Array) {
    const result = new Int32Array(rows);
    for (let index = 0; index < rows; index++) result[index] = values[order[index]!]!;
    return result;
  }
  if (values instanceof Float64Array) {
    const result = new Float64Array(rows);
    for (let index = 0; index < rows; index++) result[index] = values[order[index]!]!;
    return result;
  }
  if (values instanceof Float32Array) {
    const result = new Float32Array(rows);
    for (let index = 0; index < rows; index++) result[index] = values[order[index]!]!;
    return result;
  }
  const result = new BigInt64Array(rows);
  const from = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  const to = new Int32Array(result.buffer);
  for (let index = 0; index < rows; index++) {
    const row = order[index]!;
    to[2 * index] = from[2 * row]!;
    to[2 * index + 1] = from[2 * row + 1]!;
  }
  return result;
}

/** Renumbers codes by their first use, in place; codes of null rows become 0. */
function usedEntries(codes: Int32Array, valid: Uint8Array | undefined, dictionary: readonly HostValue[]): HostValue[] {
  const renumbered = new Int32Array(dictionary.length).fill(-1);
  const used: HostValue[] = [];
  for (let row = 0; row < codes.length; row++) {
    if (valid !== undefined && valid[row] === 0) {
      codes[row] = 0;
      continue;
    }
    const code = codes[row]!;
    let next = renumbered[code]!;
    if (next < 0) {
      next = used.push(dictionary[code]!) - 1;
      renumbered[code] = next;
    }
    codes[row] = next;
  }
  return used;
}
