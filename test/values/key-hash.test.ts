import assert from "node:assert/strict";
import fc from "fast-check";
import wabt from "wabt";
import type { FenlType } from "../../src/values/fenl-type.ts";
import {
  defaultSubsort,
  hashColumn,
  hashString,
  hashStrings,
  hashValue,
  hashWords,
  streamedDefaultSubsort,
} from "../../src/values/key-hash.ts";
import { KEY_HASH_BINARY, KEY_HASH_WAT } from "../../src/values/key-hash-module.ts";

const MASK = (1n << 64n) - 1n;
const MULTIPLIER = 6364136223846793005n;
const PI = [0x452821e638d01377n, 0xbe5466cf34e90c6cn, 0xc0ac29b7c97c50ddn, 0x3f84d5b5b5470917n];

function fold(a: bigint, b: bigint): bigint {
  return ((a * b) & MASK) ^ (((a * b) >> 64n) & MASK);
}

function rotate(x: bigint, by: bigint): bigint {
  return by === 0n ? x : ((x << by) | (x >> (64n - by))) & MASK;
}

/** The hash once more, word for word after the reference's script and in slow integers. */
class ReferenceHasher {
  private buffer: bigint;
  private readonly pad: bigint;
  private readonly x: [bigint, bigint];

  constructor(seeds: readonly bigint[] = [1234n, 5678n, 9012n, 3456n]) {
    const mixed = seeds.map((seed, index) => seed ^ PI[index]!);
    this.buffer = mixed[0]!;
    this.pad = mixed[1]!;
    this.x = [mixed[2]!, mixed[3]!];
  }

  word(value: bigint): this {
    this.buffer = fold((value & MASK) ^ this.buffer, MULTIPLIER);
    return this;
  }

  private pair(a: bigint, b: bigint): void {
    this.buffer = rotate(((this.buffer + this.pad) & MASK) ^ fold(a ^ this.x[0], b ^ this.x[1]), 23n);
  }

  data(bytes: Uint8Array): this {
    const le = (from: number, to: number) => {
      let value = 0n;
      for (let at = to - 1; at >= from; at--) value = (value << 8n) | BigInt(bytes[at]!);
      return value;
    };
    const size = bytes.length;
    this.buffer = ((this.buffer + BigInt(size)) * MULTIPLIER) & MASK;
    if (size > 16) {
      this.pair(le(size - 16, size - 8), le(size - 8, size));
      for (let at = 0; size - at > 16; at += 16) this.pair(le(at, at + 8), le(at + 8, at + 16));
    } else if (size > 8) this.pair(le(0, 8), le(size - 8, size));
    else if (size >= 4) this.pair(le(0, 4), le(size - 4, size));
    else if (size >= 2) this.pair(le(0, 2), le(size - 1, size));
    else if (size === 1) this.pair(le(0, 1), le(0, 1));
    else this.pair(0n, 0n);
    return this;
  }

  done(): bigint {
    return rotate(fold(this.buffer, this.pad), this.buffer & 63n);
  }
}

function referenceText(text: string, seeds?: readonly bigint[]): bigint {
  return new ReferenceHasher(seeds).data(new TextEncoder().encode(text)).word(0xffn).done();
}

function referenceWord(value: bigint): bigint {
  return new ReferenceHasher().word(value).done();
}

const FILE_SEEDS = [8723n, 8737n, 8736n, 9871n];
const I64: FenlType = { kind: "i64" };
const F64: FenlType = { kind: "f64" };

describe("key hash", () => {
  it("keeps the assembled module equal to its text", async () => {
    const module = (await wabt()).parseWat("key-hash.wat", KEY_HASH_WAT);
    module.validate();
    assert.equal(KEY_HASH_BINARY, Buffer.from(module.toBinary({}).buffer).toString("base64"));
  });

  it("gives the reference's known values", () => {
    assert.equal(hashString("A"), 12960666915911099378n);
    assert.equal(hashString("hello"), 1472103086483932002n);
    assert.equal(hashString(""), 5663277146615294718n);
    assert.equal(hashValue(I64, 1n), 18433805721903975440n);
    assert.equal(hashValue(I64, 5n), 16461383214845928621n);
    assert.equal(hashValue(I64, null), 0n);
    const record: FenlType = { kind: "record", fields: [{ name: "m", type: I64 }] };
    assert.equal(hashValue(record, [5n]), 328624516884178922n);
    assert.equal(hashValue(record, [null]), 0n);
    assert.equal(hashValue(record, null), 0n);
  });

  it("agrees with the reference on texts of every length and script", () => {
    const texts = ["a", "é", "☃", "😀", "xy😀"].flatMap((piece) =>
      Array.from({ length: 70 }, (_, count) => piece.repeat(count)),
    );
    texts.push("x".repeat(400_000), "é".repeat(1_200_000), "z".repeat(16 * 70_000));
    const bulk = hashStrings(texts);
    for (const [index, text] of texts.entries()) {
      const expected = text.length > 100_000 ? hashString(text) : referenceText(text);
      assert.equal(hashString(text), expected, `${text.slice(0, 8)} x ${text.length}`);
      assert.equal(bulk[index], expected, `bulk ${text.slice(0, 8)} x ${text.length}`);
    }
    const long = `${"0123456789abcdef".repeat(70_000)}!`;
    assert.equal(hashString(long), referenceText(long));
  });

  it("agrees with the reference on random texts and integers", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary" })),
        fc.array(fc.bigInt({ min: 0n, max: MASK })),
        (texts, words) => {
          assert.deepEqual(
            [...hashStrings(texts)],
            texts.map((text) => referenceText(text)),
          );
          assert.deepEqual([...hashWords(BigUint64Array.from(words))], words.map(referenceWord));
        },
      ),
    );
  });

  it("hashes each type by the bits of its own width", () => {
    assert.equal(hashValue({ kind: "bool" }, true), referenceWord(1n));
    assert.equal(hashValue({ kind: "i8" }, -1), referenceWord(0xffn));
    assert.equal(hashValue({ kind: "i16" }, -2), referenceWord(0xfffen));
    assert.equal(hashValue({ kind: "i32" }, -1), referenceWord(0xffffffffn));
    assert.equal(hashValue({ kind: "u32" }, 4294967295), referenceWord(0xffffffffn));
    assert.equal(hashValue(I64, -1n), referenceWord(MASK));
    assert.equal(hashValue({ kind: "u64" }, MASK), referenceWord(MASK));
    assert.equal(hashValue({ kind: "date32" }, -1), referenceWord(0xffffffffn));
    assert.equal(hashValue({ kind: "timestamp_ms" }, -1n), referenceWord(MASK));
    assert.equal(hashValue({ kind: "f32" }, 1.5), referenceWord(0x3fc00000n));
    assert.equal(hashValue({ kind: "f16" }, -1.5), referenceWord(0xbe00n));
    assert.equal(hashValue({ kind: "f16" }, 2 ** -24), referenceWord(1n));
    assert.equal(hashValue({ kind: "f16" }, 65504), referenceWord(0x7bffn));
    assert.equal(hashValue({ kind: "f16" }, Number.NEGATIVE_INFINITY), referenceWord(0xfc00n));
  });

  it("knows one zero and one NaN", () => {
    for (const kind of ["f16", "f32", "f64"] as const) {
      assert.equal(hashValue({ kind }, -0), hashValue({ kind }, 0));
      assert.equal(hashValue({ kind }, 0), referenceWord(0n));
    }
    const nan = new Float64Array(1);
    new BigUint64Array(nan.buffer)[0] = 0xfff8000000000123n;
    assert.equal(hashColumn({ type: F64, values: nan })[0], referenceWord(0x7ff8000000000000n));
    assert.equal(hashValue(F64, Number.NaN), referenceWord(0x7ff8000000000000n));
    assert.equal(hashValue({ kind: "f32" }, Number.NaN), referenceWord(0x7fc00000n));
  });

  it("hashes columns as it hashes values", () => {
    const floats = new Float64Array([1.5, -0, Number.NaN, -3]);
    assert.deepEqual(
      [...hashColumn({ type: F64, values: floats })],
      [...floats].map((value) => hashValue(F64, value)),
    );
    const narrow: FenlType = { kind: "i16" };
    const ints = new Int32Array([-1, 7, 0]);
    assert.deepEqual(
      [...hashColumn({ type: narrow, values: ints })],
      [...ints].map((value) => hashValue(narrow, value)),
    );
    const codes = hashColumn({
      type: { kind: "string" },
      values: new Int32Array([1, 0, 1, 0]),
      valid: new Uint8Array([1, 1, 1, 0]),
      dictionary: ["a", "b"],
    });
    assert.deepEqual([...codes], [hashString("b"), hashString("a"), hashString("b"), 0n]);
    const wide = hashColumn({ type: I64, values: new BigInt64Array([5n, 6n]), valid: new Uint8Array([0, 1]) });
    assert.deepEqual([...wide], [0n, hashValue(I64, 6n)]);
  });

  it("gives a file's subsort as a whole and in parts", () => {
    for (const size of [0, 1, 3, 7, 15, 16, 17, 31, 32, 33, 100, 5000]) {
      const bytes = Uint8Array.from({ length: size }, (_, index) => 32 + ((index * 7) % 90));
      const expected = referenceText(Buffer.from(bytes).toString("latin1"), FILE_SEEDS);
      assert.equal(defaultSubsort(bytes), expected);
      for (const part of [1, 5, 16, 23, 4096]) {
        const stream = streamedDefaultSubsort(size, bytes.slice(Math.max(0, size - 16)));
        for (let at = 0; at < size; at += part) stream.update(bytes.subarray(at, at + part));
        assert.equal(stream.digest(), expected, `${size} bytes in parts of ${part}`);
      }
    }
  });
});
