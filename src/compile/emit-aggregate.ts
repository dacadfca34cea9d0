import { findFunction } from "../functions/catalog.ts";
import type {
  AggregateCall,
  AggregateEvaluation,
  Evaluation,
  Operand,
  StateAccess,
  StateSlot,
  Wat,
} from "../functions/define.ts";
import { callEvaluation } from "../functions/evaluation.ts";
import type { Value, ValueId } from "../plan/plan.ts";
import { isCoded, representationOf } from "../values/fenl-type.ts";
import { emitWindowQueue, memoryState } from "./emit-window-queue.ts";
import type { HostImport } from "./host-import.ts";
import { literalHostValue } from "./literal-wat.ts";
import { CONTEXT, HOST_VALID, rowAddress } from "./stage-layout.ts";
import { allValid, type StageWriter, setValue } from "./stage-writer.ts";

type Aggregate = Extract<Value, { kind: "aggregate" }>;

/** The statements of an aggregation on a row of its domain: take the input, give the result, apply the window. */
export function emitAggregate(writer: StageWriter, id: ValueId, value: Aggregate): string {
  const input = writer.operand(value.argument, value.domain);
  const [evaluation, call] = evaluationOf(writer, value);
  const taken = takes(writer, value, input);
  if (evaluation.kind === "host-aggregate" || evaluation.kind === "list-aggregate")
    return emitHostAggregate(writer, id, value, input, taken);
  if (evaluation.kind !== "aggregate") throw new Error(`${value.function} is no aggregation`);
  const payload = value.test === null ? { ...input, valid: "(i32.const 1)" } : input;
  const { window } = value;
  if (window !== null && window.kind !== "since") {
    return emitQueued(writer, id, value, evaluation, call, payload, taken);
  }
  const slots = evaluation.slots(call);
  const state = localState(writer, `a${id}`, slots, isCoded(input.type));
  const reset = resetState(`a${id}`, slots);
  writer.resets.push(reset);
  const update = taken === "(i32.const 0)" ? "" : `(if ${taken} (then ${evaluation.update(payload, state, call)}))`;
  if (window === null && writer.late.has(id)) {
    writer.lateTexts.set(id, set(writer, id, evaluation.emit(state, call)));
    return update;
  }
  const after = window === null ? "" : `(if ${writer.holds(window.condition, value.domain)} (then ${reset}))`;
  return `${update} ${set(writer, id, evaluation.emit(state, call))} ${after}`;
}

function evaluationOf(writer: StageWriter, value: Aggregate): [Evaluation, AggregateCall] {
  const record = findFunction(value.function);
  if (!record) throw new Error(`no function ${value.function}`);
  const call: AggregateCall = {
    result: value.type,
    variables: value.variables,
    input: writer.plan.values[value.argument]!.type,
    constants: value.constants.map((constant) => literalHostValue(constant.value, constant.type)),
    combining: value.window !== null && value.window.kind !== "since",
  };
  return [callEvaluation(record, call), call];
}

/**
 * Has the result of an aggregation be read where its state is, if it is nothing but a part of that and no window takes
 * it back: it need not be copied on each row.
 */
export function readInState(writer: StageWriter, id: ValueId): void {
  const value = writer.plan.values[id]!;
  if (value.kind !== "aggregate" || value.window !== null || writer.late.has(id)) return;
  const [evaluation, call] = evaluationOf(writer, value);
  if (evaluation.kind !== "aggregate") return;
  const slots = evaluation.slots(call);
  const state = localState(writer, `a${id}`, slots, isCoded(call.input));
  const emitted = evaluation.emit(state, call);
  if (typeof emitted === "string") return;
  const partOf = (wat: string) => slots.find(({ name, length }) => length === undefined && wat === state.get(name));
  const [result, valid] = [partOf(emitted.value), partOf(emitted.valid)];
  if (result?.representation !== representationOf(value.type)) return;
  if (valid === undefined && emitted.valid !== "(i32.const 1)") return;
  // Before an entity's first row there is no result.
  if (valid !== undefined && valid.initial !== "(i32.const 0)") return;
  writer.readFrom(id, emitted.value, valid === undefined ? null : emitted.valid);
}

/** Where the input is new and there. */
function takes(writer: StageWriter, value: Aggregate, input: Operand): string {
  const there = value.test === null ? input.valid : writer.holds(value.test, value.domain);
  return allValid([writer.holds(value.isNew, value.domain), there]);
}

function set(writer: StageWriter, id: ValueId, wat: Wat): string {
  return typeof wat === "string"
    ? setValue(writer, id, wat, "(i32.const 1)")
    : setValue(writer, id, wat.value, wat.valid);
}

function localState(writer: StageWriter, prefix: string, slots: readonly StateSlot[], ofCodes: boolean): StateAccess {
  const arrays = new Map<string, { offset: number; slot: StateSlot }>();
  for (const slot of slots) {
    const hasCodes = ofCodes && slot.ofInput === true;
    if (slot.length === undefined) {
      writer.local(`${prefix}_${slot.name}`, slot.representation);
      if (hasCodes) writer.holdsCode(`${prefix}_${slot.name}`);
      continue;
    }
    const offset = writer.layout.reserve(slot.length * 8);
    if (hasCodes) writer.holdsCodes(offset, slot.length);
    arrays.set(slot.name, { offset: CONTEXT + offset, slot });
  }
  const element = (name: string, index: string) => {
    const { offset, slot } = arrays.get(name)!;
    return { address: rowAddress(`(i32.const ${offset})`, index, slot.representation), type: slot.representation };
  };
  return {
    get: (name) => `(local.get $${prefix}_${name})`,
    set: (name, value) => `(local.set $${prefix}_${name} ${value})`,
    getAt: (name, index) => {
      const { address, type } = element(name, index);
      return `(${type}.load ${address})`;
    },
    setAt: (name, index, value) => {
      const { address, type } = element(name, index);
      return `(${type}.store ${address} ${value})`;
    },
  };
}

function resetState(prefix: string, slots: readonly StateSlot[]): string {
  return slots
    .filter((slot) => slot.length === undefined)
    .map((slot) => `(local.set $${prefix}_${slot.name} ${slot.initial})`)
    .join(" ");
}

/** Windows that drop the oldest: partial states in a queue. */
function emitQueued(
  writer: StageWriter,
  id: ValueId,
  value: Aggregate,
  evaluation: AggregateEvaluation,
  call: AggregateCall,
  input: Operand,
  taken: string,
): string {
  const { combine } = evaluation;
  if (!combine) throw new Error(`${value.function} has no sliding window`);
  const window = value.window!;
  const name = `q${id}`;
  const slots = evaluation.slots(call);
  const both = (into: StateAccess, from: StateAccess) => combine(into, from, call);
  const queue = emitWindowQueue(writer, name, value.function, slots, isCoded(input.type), both);
  writer.resets.push(`(call $${name}_reset)`);
  const current = memoryState(queue.current, slots);
  const update = evaluation.update(input, current, call);
  const result = set(writer, id, evaluation.emit(memoryState(queue.total, slots), call));
  const emit = `(call $${name}_total) ${result}`;
  if (window.kind === "within") {
    const oldest = `(i64.sub (local.get $time) (i64.const ${window.nanoseconds}))`;
    return `(call $${name}_expire ${oldest}) (if ${taken} (then ${update} (call $${name}_push (local.get $time)))) ${emit}`;
  }
  if (window.kind !== "sliding") throw new Error("a since window needs no queue");
  const close = `(call $${name}_push (i64.const 0)) (call $${name}_keep (i32.const ${window.count - 1}))`;
  return `(if ${taken} (then ${update})) ${emit} (if ${writer.holds(window.condition, value.domain)} (then ${close}))`;
}

function emitHostAggregate(writer: StageWriter, id: ValueId, value: Aggregate, input: Operand, taken: string): string {
  const { window } = value;
  const name = `g${id}`;
  const item: HostImport = {
    kind: "aggregate",
    name,
    function: value.function,
    constants: value.constants,
    variables: value.variables,
    parameters: [input.type],
    result: value.type,
    sliding: window?.kind === "sliding" ? window.count : null,
    within: window?.kind === "within" ? window.nanoseconds : null,
  };
  writer.imports.push(item);
  writer.local(`${name}_changed`, "i32");
  writer.resets.push(`(call $${name}_reset) (local.set $${name}_changed (i32.const 1))`);
  writer.valueLocal(id);
  writer.validLocal(id);
  const changed = `(local.set $${name}_changed (i32.const 1))`;
  // A 64-bit number is costly for JavaScript.
  const time = item.within === null ? "" : " (local.get $time)";
  const update = `(if ${taken} (then (call $${name}_update ${input.value}${time}) ${changed}))`;
  const stale = item.within === null ? `(local.get $${name}_changed)` : "(i32.const 1)";
  const emit = `(if ${stale} (then
    (local.set $v${id} (call $${name}_emit${time}))
    (local.set $o${id} (i32.load8_u (i32.const ${HOST_VALID})))
    (local.set $${name}_changed (i32.const 0))))`;
  if (window === null || window.kind === "within") return `${update} ${emit}`;
  const end = window.kind === "since" ? "reset" : "close";
  return `${update} ${emit} (if ${writer.holds(window.condition, value.domain)} (then (call $${name}_${end}) ${changed}))`;
}
