import type { StateAccess, StateSlot } from "../functions/define.ts";
import { CONTEXT } from "./stage-layout.ts";
import type { StageWriter } from "./stage-writer.ts";

/** Where a queue's states are: addresses as WebAssembly text. */
export interface WindowQueue {
  /** The state of the interval that is still open. */
  readonly current: string;
  /** The state of the whole window, after `_total`. */
  readonly total: string;
}

/** A state as a struct of 8-byte slots in memory. */
export function memoryState(address: string, slots: readonly StateSlot[]): StateAccess {
  const at = (name: string) => {
    const index = slots.findIndex((slot) => slot.name === name);
    return { offset: index * 8, type: slots[index]!.representation };
  };
  const noArrays = (): never => {
    throw new Error("an array state cannot slide");
  };
  return {
    get: (name) => `(${at(name).type}.load offset=${at(name).offset} ${address})`,
    set: (name, value) => `(${at(name).type}.store offset=${at(name).offset} ${address} ${value})`,
    getAt: noArrays,
    setAt: noArrays,
  };
}

/**
 * Functions for a queue of partial states that gives the state of all of them at constant cost a row ("two stacks"):
 * items [head, middle) hold the state of themselves and all after them up to `middle`; those from `middle` on hold
 * their own, and `back` the state of them together.
 * `_reset`, `_push time` (closes the open interval), `_keep n` and `_expire time` (drop the oldest), `_total`.
 */
export function emitWindowQueue(
  writer: StageWriter,
  name: string,
  ofFunction: string,
  slots: readonly StateSlot[],
  isCoded: boolean,
  combine: (into: StateAccess, from: StateAccess) => string,
): WindowQueue {
  const size = slots.length * 8;
  const item = size + 8;
  const place = writer.layout.reserve(32);
  const base = CONTEXT + place;
  const codes = slots.flatMap(({ ofInput }, index) => (isCoded && ofInput ? [index * 8] : []));
  const state = () => {
    const offset = writer.layout.reserve(size);
    for (const code of codes) writer.holdsCodes(offset + code, 1);
    return `(i32.const ${CONTEXT + offset})`;
  };
  const [back, current, total] = [state(), state(), state()];
  const field = { items: 0, capacity: 4, head: 8, middle: 12, tail: 16 };
  const at = { items: place + field.items, head: place + field.head, tail: place + field.tail };
  writer.queues.push({ function: ofFunction, ...at, itemBytes: item, codes: codes.map((code) => code + 8) });
  type Field = keyof typeof field;
  const get = (of: Field) => `(i32.load offset=${base + field[of]} (i32.const 0))`;
  const set = (of: Field, value: string) => `(i32.store offset=${base + field[of]} (i32.const 0) ${value})`;
  const itemAt = (index: string) => `(i32.add ${get("items")} (i32.mul ${index} (i32.const ${item})))`;
  const stateAt = (address: string) => `(i32.add ${address} (i32.const 8))`;
  const clear = (address: string) =>
    slots.map((slot) => memoryState(address, slots).set(slot.name, slot.initial)).join(" ");
  // A call that copies memory takes longer than a row's other work.
  const copy = (into: string, from: string) =>
    slots.map((_, index) => `(i64.store offset=${index * 8} ${into} (i64.load offset=${index * 8} ${from}))`).join(" ");
  const add = (into: string, from: string) => combine(memoryState(into, slots), memoryState(from, slots));
  const count = `(i32.sub ${get("tail")} ${get("head")})`;

  writer.functions.push(
    `(func $${name}_reset
      ${set("head", "(i32.const 0)")} ${set("middle", "(i32.const 0)")} ${set("tail", "(i32.const 0)")}
      ${clear(back)} ${clear(current)})`,
    `(func $${name}_push (param $time i64) (local $to i32)
      (if (i32.eq ${get("tail")} ${get("capacity")}) (then
        (if (i32.gt_u ${get("head")} (i32.shr_u ${get("capacity")} (i32.const 1)))
          (then (memory.copy ${get("items")} ${itemAt(get("head"))} (i32.mul ${count} (i32.const ${item})))
            ${set("tail", count)} ${set("middle", `(i32.sub ${get("middle")} ${get("head")})`)} ${set("head", "(i32.const 0)")})
          (else ${set("items", `(call $host_grow ${get("items")} (i32.mul ${get("capacity")} (i32.const ${item})) (i32.mul (select (i32.const 8) (i32.shl ${get("capacity")} (i32.const 1)) (i32.eqz ${get("capacity")})) (i32.const ${item})))`)}
            ${set("capacity", `(select (i32.const 8) (i32.shl ${get("capacity")} (i32.const 1)) (i32.eqz ${get("capacity")}))`)}))))
      (local.set $to ${itemAt(get("tail"))})
      (i64.store (local.get $to) (local.get $time))
      ${copy(stateAt("(local.get $to)"), current)}
      ${set("tail", `(i32.add ${get("tail")} (i32.const 1))`)}
      ${add(back, current)}
      ${clear(current)})`,
    `(func $${name}_drop (local $into i32) (local $from i32) (local $index i32)
      (if (i32.eq ${get("head")} ${get("middle")}) (then
        (local.set $index (i32.sub ${get("tail")} (i32.const 1)))
        (block $flipped (loop $flip
          (br_if $flipped (i32.le_s (local.get $index) ${get("middle")}))
          (local.set $from ${stateAt(itemAt("(local.get $index)"))})
          (local.set $index (i32.sub (local.get $index) (i32.const 1)))
          (local.set $into ${stateAt(itemAt("(local.get $index)"))})
          ${add("(local.get $into)", "(local.get $from)")}
          (br $flip)))
        ${set("middle", get("tail"))}
        ${clear(back)}))
      ${set("head", `(i32.add ${get("head")} (i32.const 1))`)})`,
    `(func $${name}_keep (param $most i32)
      (block $kept (loop $again
        (br_if $kept (i32.le_u ${count} (local.get $most)))
        (call $${name}_drop) (br $again))))`,
    `(func $${name}_expire (param $oldest i64)
      (block $kept (loop $again
        (br_if $kept (i32.eq ${get("head")} ${get("tail")}))
        (br_if $kept (i64.gt_s (i64.load ${itemAt(get("head"))}) (local.get $oldest)))
        (call $${name}_drop) (br $again))))`,
    `(func $${name}_total (local $first i32)
      (if (i32.lt_u ${get("head")} ${get("middle")})
        (then
          (local.set $first ${stateAt(itemAt(get("head")))})
          ${copy(total, "(local.get $first)")})
        (else ${clear(total)}))
      ${add(total, back)}
      ${add(total, current)})`,
  );
  return { current, total };
}
