import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeTexts } from "../../src/execute/rows/text-bytes.ts";
import { usedTexts } from "../../src/execute/scan/used-texts.ts";

const COUNT = 200_000;
const FRONT = 24;

const textOf = (code: number) => `${"é".repeat(code % 4)}${code}`;

/** Where each of `COUNT` texts begins and their bytes, somewhere in a file. */
function writeTexts(path: string) {
  const texts = Array.from({ length: COUNT }, (_, code) => Buffer.from(textOf(code)));
  const offsets = new Int32Array(COUNT + 1);
  texts.forEach((text, code) => {
    offsets[code + 1] = offsets[code]! + text.length;
  });
  writeFileSync(path, Buffer.concat([Buffer.alloc(FRONT), Buffer.from(offsets.buffer), ...texts]));
  const bytes = { offset: FRONT + offsets.byteLength, length: offsets[COUNT]! };
  return { count: COUNT, offsets: { offset: FRONT, length: offsets.byteLength }, bytes };
}

describe("the texts of a large dictionary that some rows have", () => {
  const directory = mkdtempSync(join(tmpdir(), "fenl-used-"));
  const place = writeTexts(join(directory, "texts"));
  const file = openSync(join(directory, "texts"), "r");
  after(() => {
    closeSync(file);
    rmSync(directory, { recursive: true, force: true });
  });

  const CODES: Readonly<Record<string, readonly number[]>> = {
    "are none of no rows": [],
    "come once where several rows have them": [7, 7, 3, 7],
    "stand far from each other": [COUNT - 1, 0, 70_000, 65_536, 65_535, 140_000],
    "are many in a row": Array.from({ length: 90_000 }, (_, row) => 100_000 - row),
    "are scattered": Array.from({ length: 50_000 }, (_, row) => (row * 7919) % COUNT),
  };
  for (const [name, codes] of Object.entries(CODES)) {
    it(name, () => {
      const own = Int32Array.from(codes);
      const texts = decodeTexts(usedTexts(file, place, own));
      assert.equal(texts.length, new Set(codes).size);
      assert.deepEqual(
        Array.from(own, (code) => texts[code]),
        codes.map(textOf),
      );
    });
  }

  it("leave rows alone that have none", () => {
    const own = Int32Array.from([-1, 5, COUNT]);
    assert.deepEqual(decodeTexts(usedTexts(file, place, own)), [textOf(5)]);
    assert.deepEqual(own, Int32Array.from([0, 0, 0]));
  });
});
