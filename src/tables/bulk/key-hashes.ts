import type { FenlType } from "../../values/fenl-type.ts";
import { hashColumn, hashTexts } from "../../values/key-hash.ts";
import type { DecodedColumn } from "./decoded-column.ts";
import { fixedValues } from "./fixed-values.ts";
import { Unfit } from "./unfit.ts";

/** The key hashes of a piece's rows. @throws Unfit where a row has no key */
export function keyHashesOf(type: FenlType, column: DecodedColumn): BigUint64Array {
  if (column.valid !== null) throw new Unfit("a row has no entity key");
  switch (column.form) {
    case "fixed":
      return hashColumn({ type, values: fixedValues(type, column.width, column.bytes) });
    case "texts":
      return hashTexts(column.bytes, column.offsets);
    case "codes": {
      const { codes, dictionary } = column;
      const distinct = new Uint32Array(hashTexts(dictionary.bytes, dictionary.offsets).buffer);
      const result = new BigUint64Array(codes.length);
      const halves = new Uint32Array(result.buffer);
      for (let row = 0; row < codes.length; row++) {
        const code = codes[row]!;
        halves[2 * row] = distinct[2 * code]!;
        halves[2 * row + 1] = distinct[2 * code + 1]!;
      }
      return result;
    }
  }
}
