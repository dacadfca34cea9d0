import assert from "node:assert/strict";
import fc from "fast-check";
import {
  fitsNanoseconds,
  formatDate,
  formatTimestamp,
  parseTimestamp,
  readTime,
  writeInt64,
} from "../../src/values/timestamp.ts";

describe("timestamps", () => {
  it("reads the forms of the reference", () => {
    const accepted: [string, string][] = [
      ["1970-01-01", "1970-01-01T00:00:00.000000000"],
      ["2022-01-01 02:30:00+00:00", "2022-01-01T02:30:00.000000000"],
      ["2022-01-01T00:00:00-05:30", "2022-01-01T05:30:00.000000000"],
      ["1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500000000"],
      ["2000-02-29T12:00:00", "2000-02-29T12:00:00.000000000"],
      ["2022-01-01T00:00:00.1234567899Z", "2022-01-01T00:00:00.123456789"],
      ["1677-09-21T00:12:43.145224192", "1677-09-21T00:12:43.145224192"],
      ["2262-04-11T23:47:16.854775807Z", "2262-04-11T23:47:16.854775807"],
    ];
    for (const [text, expected] of accepted) {
      const time = parseTimestamp(text);
      assert.notEqual(time, null, text);
      assert.equal(formatTimestamp(time!), expected);
    }
  });

  it("refuses every other text", () => {
    const refused = [
      ...["", "x", "2022", "2022-01", "2022-1-1", "2022-13-01", "2022-00-01", "2022-04-31", "2001-02-29", "1900-02-29"],
      ...[
        "2022-01-01T24:00:00",
        "2022-01-01T23:60:00",
        "2022-01-01T23:59:60",
        "2022-01-01T10:00",
        "2022-01-01T10:00:00.",
      ],
      ...["2022-01-01T10:00:00+5:00", "2022-01-01T10:00:00+0500", "2022-01-01T10:00:00+24:00", "2022-01-01T10:00:00ZZ"],
      ...["2022-01-01t10:00:00", "2022-01-01T10:00:00z", " 2022-01-01", "2022-01-01 ", "2022-01-01x10:00:00"],
      ...["1677-09-21T00:12:43.145224191", "2262-04-11T23:47:16.854775808", "9999-01-01", "0000-01-01", "２０22-01-01"],
    ];
    for (const text of refused) assert.equal(parseTimestamp(text), null, text);
  });

  it("round-trips every nanosecond count", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (ns) => {
        assert.equal(parseTimestamp(formatTimestamp(ns)), ns);
      }),
    );
  });

  it("writes dates outside four-digit years with a sign", () => {
    assert.equal(formatDate(-719529), "-0001-12-31");
    assert.equal(formatDate(2932897), "+10000-01-01");
    assert.equal(formatDate(0), "1970-01-01");
  });

  it("writes 64-bit products exactly", () => {
    const value = new BigInt64Array(1);
    const halves = new Int32Array(value.buffer);
    const units = fc.constantFrom(1, 1e3, 1e6, 1e9);
    fc.assert(
      fc.property(
        fc.integer({ min: -9223372036, max: 9223372035 }),
        units,
        fc.nat(999_999_999),
        (seconds, unit, nanos) => {
          const part = Math.floor((nanos * unit) / 1e9);
          writeInt64(halves, 0, seconds, unit, part);
          assert.equal(value[0], BigInt(seconds) * BigInt(unit) + BigInt(part));
        },
      ),
    );
  });

  it("tells what fits nanoseconds at both ends", () => {
    assert.ok(fitsNanoseconds(9223372036, 854775807));
    assert.ok(!fitsNanoseconds(9223372036, 854775808));
    assert.ok(!fitsNanoseconds(9223372037, 0));
    assert.ok(fitsNanoseconds(-9223372037, 145224192));
    assert.ok(!fitsNanoseconds(-9223372037, 145224191));
    assert.ok(!fitsNanoseconds(-9223372038, 999999999));
  });

  it("counts the digits of a fraction", () => {
    const time = { seconds: 0, nanos: 0, digits: 0 };
    for (const [text, digits] of [
      ["2022-01-01", -1],
      ["2022-01-01T00:00:00", 0],
      ["2022-01-01 00:00:00.120Z", 3],
    ] as const) {
      assert.ok(readTime(text, time));
      assert.equal(time.digits, digits);
    }
  });
});
