import type { FenlType } from "../../values/fenl-type.ts";
import { hashColumn, hashTexts, KEY } from "../../values/key-hash.ts";
import type { DecodedColumn } from "./decoded-column.ts";
import { fixedValues } from "./fixed-values.ts";
import { inSteps } from "./kernels.ts";
import type { Scratch } from "./scratch.ts";
import { Unfit } from "./unfit.ts";

/** The key hashes of a piece's rows, in memory of `scratch`. @throws Unfit where a row has no key */
export function keyHashesOf(type: FenlType, column: DecodedColumn, scratch: Scratch): BigUint64Array {
  if (column.valid !== null) throw new Unfit("a row has no entity key");
  const { run } = scratch;
  switch (column.form) {
    case "fixed":
      return scratch.own("key hashes", hashColumn({ type, values: fixedValues(type, column.width, column.bytes) }));
    case "texts": {
      const { offsets, bytes } = column;
      const hashes = scratch.bigUint64("key hashes", offsets.length - 1);
      inSteps(hashes.length, (from, count) => {
        const at = offsets.byteOffset + 4 * from;
        const to = hashes.byteOffset + 8 * from;
        run.hashTexts(at, count, bytes.byteOffset, to, KEY.buffer, KEY.pad, KEY.x0, KEY.x1);
      });
      return hashes;
    }
    case "codes": {
      const { codes, dictionary } = column;
      const distinct = scratch.own("distinct hashes", hashTexts(dictionary.bytes, dictionary.offsets));
      const hashes = scratch.bigUint64("key hashes", codes.length);
      inSteps(hashes.length, (from, count) =>
        run.gather8(codes.byteOffset + 4 * from, count, distinct.byteOffset, hashes.byteOffset + 8 * from),
      );
      return hashes;
    }
  }
}
