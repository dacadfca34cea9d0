import assert from "node:assert/strict";
import fc from "fast-check";
import { listView, withoutViews } from "../../src/functions/list-view.ts";
import { SortedNumbers } from "../../src/functions/sorted-numbers.ts";

describe("sorted numbers", () => {
  it("are those of a sorted array, whatever is added and removed", () => {
    const step = fc.record({ value: fc.integer({ min: 0, max: 50 }), remove: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const numbers = new SortedNumbers();
        const model: number[] = [];
        for (const { value, remove } of steps) {
          if (!remove) {
            numbers.add(value);
            model.push(value);
          } else {
            numbers.remove(value);
            if (model.includes(value)) model.splice(model.indexOf(value), 1);
          }
          model.sort((a, b) => a - b);
          assert.equal(numbers.size, model.length);
          assert.deepEqual([...numbers], model);
        }
        for (const [place, value] of model.entries()) assert.equal(numbers.at(place), value);
      }),
    );
  });

  it("stay in order over many blocks", () => {
    const numbers = new SortedNumbers();
    for (let index = 0; index < 20_000; index++) numbers.add((index * 7919) % 20_011);
    const sorted = [...numbers];
    assert.equal(sorted.length, 20_000);
    assert.ok(sorted.every((value, place) => place === 0 || sorted[place - 1]! <= value));
    assert.equal(numbers.at(12_345), sorted[12_345]);
  });

  it("are found by their place among many blocks, also after some were removed", () => {
    const numbers = new SortedNumbers();
    for (let index = 0; index < 20_000; index++) {
      numbers.add((index * 7919) % 20_011);
      if (index % 4 === 0) assert.ok(numbers.at(index >> 1) >= 0);
    }
    for (let value = 0; value < 20_011; value += 1) if (value % 5 < 3) numbers.remove(value);
    const sorted = [...numbers];
    assert.equal(numbers.size, sorted.length);
    for (let place = 0; place < sorted.length; place += 97) assert.equal(numbers.at(place), sorted[place]);
    assert.throws(() => numbers.at(sorted.length), RangeError);
  });
});

describe("a list view", () => {
  it("reads like a copy, also after more values were added", () => {
    const values = Array.from({ length: 300 }, (_, index) => index);
    const view = listView((index) => values[index]!, 100, 250);
    values.push(7, 8, 9);
    const copy = Array.from({ length: 150 }, (_, index) => 100 + index);
    assert.equal(view.length, 150);
    assert.equal(view[0], 100);
    assert.equal(view[149], 249);
    assert.equal(view[150], undefined);
    assert.ok(Array.isArray(view));
    assert.deepEqual([...view], copy);
    assert.deepEqual(
      view.map((value) => Number(value) * 2),
      copy.map((value) => value * 2),
    );
    assert.deepEqual(view.slice(1, 3), [101, 102]);
    assert.deepEqual(structuredClone(withoutViews([view])), [copy]);
  });
});
