import assert from "node:assert/strict";
import fc from "fast-check";
import wabt from "wabt";
import { KERNELS_BINARY } from "../../src/tables/bulk/kernels-binary.ts";
import { KERNELS_WAT } from "../../src/tables/bulk/kernels-wat.ts";
import { LoadMemory } from "../../src/tables/bulk/load-memory.ts";
import type { TimeKind } from "../../src/tables/bulk/plain-values.ts";
import { PER_SECOND, PlainValues } from "../../src/tables/bulk/plain-values.ts";
import { Scratch } from "../../src/tables/bulk/scratch.ts";
import { decompressSnappy } from "../../src/tables/bulk/snappy.ts";
import { Unfit } from "../../src/tables/bulk/unfit.ts";
import { readTime } from "../../src/values/timestamp.ts";

interface Copy {
  readonly offset: number;
  readonly size: number;
}

/** A block of Snappy that says what literals and copies make, and what they make. */
function blockOf(parts: readonly (readonly number[] | Copy)[]): { block: number[]; bytes: number[] } {
  const block: number[] = [];
  const bytes: number[] = [];
  for (const part of parts) {
    if ("offset" in part) {
      const offset = 1 + (part.offset % Math.max(1, bytes.length));
      if (bytes.length === 0) continue;
      const { size } = part;
      if (size >= 4 && size <= 11 && offset < 2048)
        block.push(1 | ((size - 4) << 2) | ((offset >> 8) << 5), offset & 255);
      else if (offset % 2 === 0) block.push(2 | ((size - 1) << 2), offset & 255, offset >> 8);
      else block.push(3 | ((size - 1) << 2), offset & 255, offset >> 8, 0, 0);
      for (let index = 0; index < size; index++) bytes.push(bytes[bytes.length - offset]!);
    } else if (part.length > 0) {
      const last = part.length - 1;
      if (last < 60) block.push(last << 2);
      else if (last < 256) block.push(60 << 2, last);
      else block.push(61 << 2, last & 255, last >> 8);
      block.push(...part);
      bytes.push(...part);
    }
  }
  const size: number[] = [];
  for (let rest = bytes.length; ; rest >>>= 7) {
    size.push(rest < 128 ? rest : (rest & 127) | 128);
    if (rest < 128) break;
  }
  return { block: [...size, ...block], bytes };
}

const literals = fc.oneof(
  fc.array(fc.nat(255), { maxLength: 90 }),
  fc.array(fc.nat(255), { minLength: 200, maxLength: 400 }),
);
const copies = fc.record({ offset: fc.oneof(fc.nat(9), fc.nat(4000)), size: fc.integer({ min: 1, max: 64 }) });

describe("the loops of loading", () => {
  const memory = new LoadMemory();

  /** What a block decompresses to; what is around it must stay as it is. */
  function decompress(block: readonly number[], size: number): number[] {
    memory.clear();
    const from = memory.bytes(memory.take(block.length).at, block.length);
    const before = memory.bytes(memory.take(64).at, 64).fill(7);
    const to = memory.bytes(memory.take(size).at, size);
    const after = memory.bytes(memory.take(64).at, 64).fill(7);
    from.set(block);
    try {
      decompressSnappy(from, to, memory.run);
      return [...to];
    } finally {
      assert.ok([...before, ...after].every((byte) => byte === 7));
    }
  }

  it("keeps the assembled module equal to its text", async () => {
    const module = (await wabt()).parseWat("kernels.wat", KERNELS_WAT, {
      threads: true,
      simd: true,
      bulk_memory: true,
    });
    assert.equal(KERNELS_BINARY, Buffer.from(module.toBinary({}).buffer).toString("base64"));
  });

  it("decompresses Snappy", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(literals, copies), { maxLength: 30 }), (parts) => {
        const { block, bytes } = blockOf(parts);
        assert.deepEqual(decompress(block, bytes.length), bytes);
      }),
    );
  });

  it("refuses what is no Snappy, and never writes beside it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(literals, copies), { maxLength: 9 }),
        fc.nat(),
        fc.nat(255),
        (parts, place, byte) => {
          const { block, bytes } = blockOf(parts);
          const damaged = block.with(place % block.length, byte);
          try {
            assert.equal(decompress(damaged, bytes.length).length, bytes.length);
          } catch (error) {
            assert.ok(error instanceof Unfit);
          }
          assert.throws(() => decompress(block.slice(0, -1), bytes.length), Unfit);
          assert.throws(() => decompress(block, bytes.length + 1), Unfit);
        },
      ),
    );
  });

  const scratch = new Scratch();

  /** Reads cells that are one column beside another. */
  function plain(texts: readonly string[]): { values: PlainValues; to: Uint8Array } {
    scratch.clear();
    const all = Buffer.from(`,${texts.join(",")}`);
    const bytes = scratch.bytes("bytes", all.length);
    bytes.set(all);
    const [starts, ends] = [scratch.int32("starts", 2 * texts.length), scratch.int32("ends", 2 * texts.length)];
    let at = 0;
    for (const [row, text] of texts.entries()) {
      starts.set([0, at + 1], 2 * row);
      ends.set([0, at + 1 + Buffer.byteLength(text)], 2 * row);
      at = ends[2 * row + 1]!;
    }
    const values = new PlainValues({ bytes, rows: texts.length, starts, ends, end: all.length }, 2, 1, scratch);
    return { values, to: scratch.bytes("to", 8 * texts.length) };
  }

  const int64s = ({ buffer, byteOffset, length }: Uint8Array) => [...new BigInt64Array(buffer, byteOffset, length / 8)];

  const pad = (value: number, size: number) => String(value).padStart(size, "0");
  const time = fc
    .record({
      year: fc.oneof(fc.integer({ min: 1678, max: 2261 }), fc.integer({ min: 0, max: 9999 })),
      month: fc.integer({ min: 0, max: 13 }),
      day: fc.oneof(fc.integer({ min: 1, max: 28 }), fc.integer({ min: 0, max: 32 })),
      hour: fc.integer({ min: 0, max: 24 }),
      minute: fc.integer({ min: 0, max: 60 }),
      second: fc.integer({ min: 0, max: 60 }),
      rest: fc.constantFrom(
        "",
        "",
        "Z",
        ".5",
        ".123",
        ".1234Z",
        ".123456",
        ".999999999",
        ".1234567890",
        ".",
        "+01:00",
        "x",
      ),
      separator: fc.constantFrom("T", " ", "t"),
    })
    .map((t) => {
      const day = `${pad(t.year, 4)}-${pad(t.month, 2)}-${pad(t.day, 2)}`;
      return `${day}${t.separator}${pad(t.hour, 2)}:${pad(t.minute, 2)}:${pad(t.second, 2)}${t.rest}`;
    });
  const changed = fc
    .tuple(time, fc.nat(30), fc.constantFrom("", "x", "0", "-", ":", ".", "/"))
    .map(([text, place, by]) => text.slice(0, place) + by + text.slice(place + 1));

  it("reads plain times as others are read, and leaves those that are not", () => {
    const parsed = { seconds: 0, nanos: 0, digits: 0 };
    let read = 0;
    const check = (texts: readonly string[], given: TimeKind | null) => {
      const { values, to } = plain(texts);
      const unit = values.times(given, to);
      const isPlain = (text: string) =>
        text === "" || (readTime(text, parsed) && parsed.digits >= 0 && parsed.digits <= 9 && !/[+-]..:..$/.test(text));
      if (unit === null) {
        const digits = { time_s: 0, time_ms: 3, time_us: 6, time_ns: 9 }[given ?? "time_ns"];
        const years = (text: string) => text === "" || (text >= "1678" && text < "2262");
        assert.ok(
          !texts.every((text) => isPlain(text) && years(text) && (text === "" || parsed.digits <= digits)),
          `${texts}`,
        );
        return;
      }
      read++;
      const digitsOf = (text: string) => (readTime(text, parsed) ? parsed.digits : 0);
      const most = Math.max(0, ...texts.map(digitsOf));
      if (given === null) assert.equal(unit, ["time_s", "time_ms", "time_us", "time_ns"][Math.ceil(most / 3)]);
      const expected = texts.map((text) => {
        if (text === "") return 0n;
        assert.ok(isPlain(text), text);
        readTime(text, parsed);
        const perSecond = PER_SECOND[unit];
        return BigInt(parsed.seconds) * BigInt(perSecond) + BigInt(parsed.nanos) / BigInt(1e9 / perSecond);
      });
      assert.deepEqual(int64s(to), expected);
    };
    const given = fc.constantFrom<TimeKind | null>(null, null, "time_s", "time_us", "time_ns");
    fc.assert(
      fc.property(fc.oneof({ weight: 3, arbitrary: time }, changed), given, (text, kind) => check([text], kind)),
      {
        numRuns: 3000,
      },
    );
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 9, arbitrary: time }, fc.constant("")), { maxLength: 5 }), given, check),
      {
        numRuns: 1000,
      },
    );
    assert.ok(read > 500);
  });

  const number = fc.oneof(
    fc.integer().map(String),
    fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n }).map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.tuple(fc.integer(), fc.nat(99999)).map(([whole, part]) => `${whole}.${part}`),
    fc.constantFrom(
      "",
      "-",
      ".",
      "-.",
      "5.",
      ".5",
      "-0",
      "-0.0",
      "00012",
      "1..2",
      "+1",
      "1e3",
      "12x",
      "0.000000000000001",
    ),
  );

  it("reads plain numbers as others are read, and leaves those that are not", () => {
    let read = 0;
    fc.assert(
      fc.property(fc.array(number, { maxLength: 3 }), (texts) => {
        const { values, to } = plain(texts);
        if (values.ints(to)) {
          read++;
          assert.ok(
            texts.every((text) => /^(-?\d+)?$/.test(text)),
            `${texts}`,
          );
          assert.deepEqual(
            int64s(to),
            texts.map((text) => BigInt(text === "" ? 0 : text)),
          );
        } else assert.ok(!texts.every((text) => /^(-?\d{1,18})?$/.test(text)), `${texts}`);
        const floats = values.floats(to);
        if (floats !== null) {
          assert.ok(
            texts.every((text) => text === "" || /^-?(\d+\.?\d*|\.\d+)$/.test(text)),
            `${texts}`,
          );
          const expected = texts.map((text) => (text === "-0" ? 0 : Number(text)));
          assert.deepEqual([...new Float64Array(to.buffer, to.byteOffset, texts.length)], expected);
          assert.equal(
            floats.decimal,
            texts.some((text) => text.includes(".")),
          );
        } else assert.ok(!texts.every((text) => /^(-?\d{1,15})?$/.test(text)), `${texts}`);
      }),
      { numRuns: 3000 },
    );
    assert.ok(read > 100);
  });

  it("finds keys of one length as it finds those of any, and tells where a group has two", () => {
    let found = 0;
    const letter = fc.constantFrom("a", "b");
    const texts = fc
      .integer({ min: 1, max: 20 })
      .chain((length) =>
        fc.array(fc.array(letter, { minLength: length, maxLength: length }), { minLength: 1, maxLength: 12 }),
      );
    const all = fc.record({ texts, wrong: fc.option(fc.nat(11), { nil: null }) });
    fc.assert(
      fc.property(all, ({ texts, wrong }) => {
        const scratch = new Scratch();
        const own = texts.map((letters) => letters.join(""));
        const width = own[0]!.length;
        const distinct = [...new Set(own)];
        const groups = scratch.int32("groups", own.length);
        groups.set(own.map((text, row) => (row === wrong ? 0 : distinct.indexOf(text))));
        const offsets = scratch.int32("offsets", own.length + 1);
        offsets.set(Array.from(offsets, (_, row) => row * width));
        const bytes = scratch.bytes("texts", own.length * width);
        bytes.set(Buffer.from(own.join("")));
        const [begins, evenBegins] = ["begins", "even begins"].map((name) =>
          scratch.int32(name, distinct.length).fill(-1),
        );
        const sizes = scratch.int32("sizes", distinct.length);
        const { run } = scratch;
        const [rows, first, to] = [own.length, bytes.byteOffset, groups.byteOffset];
        assert.equal(run.evenTexts(offsets.byteOffset, rows, width), 1);
        assert.equal(run.evenTexts(offsets.byteOffset, rows, width + 1), 0);
        const any = run.findKeys(offsets.byteOffset, rows, first, to, begins!.byteOffset, sizes.byteOffset);
        const even = run.findEvenKeys(0, rows, first, width, to, evenBegins!.byteOffset);
        assert.equal(even, any);
        assert.deepEqual(evenBegins, begins);
        found += even;
      }),
    );
    assert.ok(found > 10 && found < 100, `${found}`);
  });

  it("gives room again that was given back, and joins what lies side by side", () => {
    memory.clear();
    const [a, b, c] = [memory.take(1000), memory.take(1000), memory.take(1000)];
    memory.give(a);
    memory.give(b);
    assert.equal(memory.take(a.size + b.size - 32).at, a.at);
    assert.ok(memory.take(1).at > c.at);
    memory.give(c);
    assert.equal(memory.take(900).at, c.at);
  });
});
