import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { RecordBatchFileWriter, type Table, tableFromIPC } from "apache-arrow";
import { type ByteRange, type PreparedLayout, preparedLayout } from "../../src/execute/rows/prepared-layout.ts";
import { columnOf } from "../../src/tables/column-data.ts";
import { preparedBytes } from "../../src/tables/prepared/write-prepared.ts";
import type { PreparedFile } from "../../src/tables/table-snapshot.ts";
import type { FenlType, ScalarKind } from "../../src/values/fenl-type.ts";
import type { HostValue } from "../../src/values/host-value.ts";

const of = (kind: ScalarKind): FenlType => ({ kind });

/** Three rows each. */
const COLUMNS: readonly (readonly [name: string, FenlType, readonly HostValue[]])[] = [
  ["key", of("string"), ["a", "b", "☃"]],
  ["bools", of("bool"), [true, null, true]],
  [
    "nested",
    { kind: "list", item: { kind: "record", fields: [{ name: "x", type: of("string") }] } },
    [[["p"]], null, []],
  ],
  ["map", { kind: "map", key: of("string"), value: of("i64") }, [[["a", 1n]], null, []]],
  ["small", of("u8"), [1, null, 255]],
  ["half", of("f16"), [1.5, 2, 3]],
  ["single", of("f32"), [1.5, null, 3]],
  ["double", of("f64"), [0.1, 2, 3]],
  ["days", of("date32"), [1, 2, 3]],
  ["dates", of("date64"), [86400000n, 0n, null]],
  ["took", of("duration_ms"), [1n, -1n, 3n]],
  ["at", of("timestamp_us"), [1n, 2n, null]],
  ["texts", of("string"), ["x", null, "x"]],
];

describe("where columns of a prepared file are", () => {
  const folder = mkdtempSync(join(tmpdir(), "fenl-layout-"));
  after(() => rmSync(folder, { recursive: true }));

  const written = preparedBytes({
    key: "key",
    keyHash: BigUint64Array.of(1n, 2n, 2n ** 64n - 1n),
    time: BigInt64Array.of(-1n, 0n, 2n ** 63n - 1n),
    subsort: BigUint64Array.of(2n ** 64n - 1n, 2n ** 64n - 2n, 2n ** 64n - 3n),
    columns: COLUMNS.map(([name, type, values]) => ({ name, ...columnOf(type, values) })),
  });

  function layoutOf(name: string, bytes: Uint8Array): PreparedLayout {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    const identity = { rows: 3, firstKeyHash: "1", lastKeyHash: String(2n ** 64n - 1n), distinct: true };
    const file: PreparedFile = {
      path,
      ...identity,
      firstTime: "-1",
      lastTime: String(2n ** 63n - 1n),
      crc32: crc32(written),
    };
    return preparedLayout(file)!;
  }

  /** What a layout tells, with the bytes that it points at. */
  function content(bytes: Uint8Array, layout: PreparedLayout): unknown {
    const at = ({ offset, length }: ByteRange, most = length) =>
      Buffer.from(bytes.subarray(offset, offset + Math.min(length, most))).toString("hex");
    const { entities, keyHash, time, subsort, columns } = layout;
    return {
      entities: { count: entities!.count, hashes: at(entities!.hashes, 24), ends: at(entities!.ends, 12) },
      keyHash,
      time: at(time, 24),
      subsort: [subsort.first, at(subsort, 12)],
      columns: [...columns].map(([name, { validity, values, texts, ...column }]) => ({
        name,
        ...column,
        validity: validity && at(validity, 1),
        values: at(values, column.form === "bits" ? 1 : 3 * (column.width ?? 1)),
        texts: texts && [texts.count, at(texts.offsets, 4 * (texts.count + 1)), at(texts.bytes).replace(/(00)+$/, "")],
      })),
    };
  }

  it("is what Apache Arrow reads of it", () => {
    const layout = layoutOf("own.arrow", written);
    const table: Table = tableFromIPC(written);
    assert.equal(table.numRows, 3);
    for (const [name, type] of COLUMNS) {
      const place = layout.columns.get(name);
      const column = table.getChild(`.${name}`);
      if (place?.width == null || column === null) continue;
      const { values, nullCount } = column.data[0]!;
      const { buffer, byteOffset } = values as Uint8Array;
      const found = written.subarray(place.values.offset, place.values.offset + 3 * place.width);
      assert.deepEqual(Buffer.from(found), Buffer.from(buffer, byteOffset, 3 * place.width), `${name}: ${type.kind}`);
      assert.equal(place.validity === null, nullCount === 0, name);
    }
    const missing = COLUMNS.map(([name]) => name).filter((name) => !layout.columns.has(name));
    assert.deepEqual(missing, ["nested", "map"]);
    assert.equal(layout.columns.get("key")!.byEntity, true);
    assert.equal(layout.subsort.first, 2n ** 64n - 3n);
  });

  it("is found as well where Apache Arrow has written the file, as it did in earlier versions", () => {
    const again = RecordBatchFileWriter.writeAll(tableFromIPC(written)).toUint8Array(true);
    assert.notDeepEqual(Buffer.from(again), Buffer.from(written));
    const [own, others] = [layoutOf("first.arrow", written), layoutOf("again.arrow", again)];
    assert.deepEqual(content(again, others), content(written, own));
    const [metadata, expected] = [again, written].map((bytes) =>
      tableFromIPC(bytes).schema.fields.map(({ name, type, nullable, metadata }) => [
        name,
        String(type),
        nullable,
        ...metadata,
      ]),
    );
    assert.deepEqual(metadata, expected);
  });

  it("is refused by the name of the file where its end tells of what is not there", () => {
    const footerBytes = new DataView(written.buffer, written.byteOffset).getInt32(written.length - 10, true);
    let refused = 0;
    for (let at = written.length - 10 - footerBytes; at < written.length - 10; at += 4) {
      const damaged = Uint8Array.from(written);
      damaged.set([0xff, 0xff, 0xff, 0x7f], at);
      try {
        layoutOf(`damaged-${at}.arrow`, damaged);
      } catch (error) {
        assert.match(String(error), new RegExp(`damaged-${at}\\.arrow is damaged: its checksum does not fit`));
        refused++;
      }
    }
    assert.ok(refused > footerBytes / 8, `${refused} of ${footerBytes / 4}`);
  });
});
