import assert from "node:assert/strict";
import { CodeSet } from "../../src/execute/rows/code-set.ts";

describe("a set of codes", () => {
  const codes = [0, 31, 32, 33, 95, 64, 31, 200, 0];
  const distinct = [...new Set(codes)].sort((a, b) => a - b);
  const set = new CodeSet(201);
  set.addAll(Int32Array.from(codes));

  it("has the codes that were added", () => {
    for (let code = 0; code <= 200; code++) assert.equal(set.has(code), distinct.includes(code), `${code}`);
  });

  it("tells whether it has any code of a range", () => {
    for (let from = 0; from <= 200; from++) {
      for (let to = from; to <= 201; to++) {
        const any = distinct.some((code) => code >= from && code < to);
        assert.equal(set.hasAny(from, to), any, `${from} to ${to}`);
      }
    }
  });

  it("tells whether it has all codes of a range", () => {
    const full = new CodeSet(201);
    full.addAll(Int32Array.from({ length: 100 }, (_, index) => 30 + index));
    for (let from = 0; from <= 200; from++) {
      for (let to = from; to <= 201; to++) {
        assert.equal(full.hasAll(from, to), from === to || (from >= 30 && to <= 130), `${from} to ${to}`);
      }
    }
  });

  it("lists its codes of a range, from its start on", () => {
    for (let from = 0; from <= 200; from++) {
      for (let to = from; to <= 201; to++) {
        const listed = distinct.filter((code) => code >= from && code < to).map((code) => code - from);
        assert.deepEqual([...set.codesIn(from, to)], listed, `${from} to ${to}`);
      }
    }
  });

  it("ranks codes among its own", () => {
    const ranks = Int32Array.from(codes);
    assert.equal(set.replaceByRanks(ranks), distinct.length);
    assert.deepEqual(
      [...ranks],
      codes.map((code) => distinct.indexOf(code)),
    );
  });
});
