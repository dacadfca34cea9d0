import type { Operand } from "../functions/define.ts";
import type { Value } from "../plan/plan.ts";
import { type FenlType, isCoded, representationOf } from "../values/fenl-type.ts";
import { tableFunction } from "./code-table.ts";
import { balanced, type StageWriter } from "./stage-writer.ts";

/** The hash of a value, or the fold of the hashes of a record's fields; null hashes to 0, null fields are left out. */
export function hashWat(
  writer: StageWriter,
  operands: readonly Operand[],
  value: Extract<Value, { kind: "hash" }>,
): string {
  if (!value.record) {
    const operand = operands[0]!;
    return withDefault(scalarHash(writer, operand), operand.valid);
  }
  const terms = operands.map((operand, index) => {
    const isHash = writer.plan.values[value.arguments[index]!]!.kind === "hash";
    const hash = isHash ? operand.value : scalarHash(writer, operand);
    return withDefault(`(i64.mul (i64.add (i64.const 629) ${hash}) (i64.const 37))`, operand.valid);
  });
  return terms.length === 0 ? "(i64.const 0)" : balanced("i64.add", terms);
}

function withDefault(hash: string, valid: string): string {
  return valid === "(i32.const 1)" ? hash : `(if (result i64) ${valid} (then ${hash}) (else (i64.const 0)))`;
}

/** The key hash of a valid value. */
export function scalarHash(writer: StageWriter, operand: Operand): string {
  const { type, value } = operand;
  if (type.kind === "null") return "(i64.const 0)";
  if (type.kind === "string" || type.kind === "large_string") {
    const name = "hash_string";
    if (!writer.imports.some((one) => one.name === name)) {
      const { table, text } = tableFunction(writer, "hash_text", name, { kind: "u64" });
      writer.imports.push({ kind: "hash", name, parameters: [{ kind: "string" }], result: { kind: "u64" }, table });
      writer.functions.push(text);
    }
    return `(call $hash_text ${value})`;
  }
  if (isCoded(type)) {
    const name = `hash_${writer.imports.length}`;
    writer.imports.push({ kind: "hash", name, parameters: [type], result: { kind: "u64" } });
    return `(call $${name} ${value})`;
  }
  return `(call $hash_word ${wordOf(type, value)})`;
}

function wordOf(type: FenlType, value: string): string {
  switch (type.kind) {
    case "i8":
    case "u8":
      return `(i64.extend_i32_u (i32.and ${value} (i32.const 255)))`;
    case "i16":
    case "u16":
      return `(i64.extend_i32_u (i32.and ${value} (i32.const 65535)))`;
    case "f64":
      return `(i64.reinterpret_f64 (f64.add (select ${value} (f64.const nan) (f64.eq ${value} ${value})) (f64.const 0)))`;
    case "f16":
    case "f32":
      return `(i64.extend_i32_u (i32.reinterpret_f32 (f32.add (select ${value} (f32.const nan) (f32.eq ${value} ${value})) (f32.const 0))))`;
    default:
      return representationOf(type) === "i64" ? value : `(i64.extend_i32_u ${value})`;
  }
}
