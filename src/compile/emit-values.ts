import { castEvaluation } from "../functions/cast.ts";
import { findFunction } from "../functions/catalog.ts";
import type { HostEvaluation, Operand, RowEvaluation } from "../functions/define.ts";
import { callEvaluation } from "../functions/evaluation.ts";
import type { PlanConstant, Value, ValueId } from "../plan/plan.ts";
import type { Stage } from "../plan/stages.ts";
import { type FenlType, representationOf } from "../values/fenl-type.ts";
import { isTextCode, lookUpResult, tableSlots } from "./code-table.ts";
import { emitAggregate } from "./emit-aggregate.ts";
import { loadValid } from "./emit-sources.ts";
import { hashWat } from "./hash-wat.ts";
import type { RowHostImport } from "./host-import.ts";
import { writeJoin } from "./join-texts.ts";
import { literalHostValue } from "./literal-wat.ts";
import { HOST_VALID, rowAddress } from "./stage-layout.ts";
import { allValid, balanced, type StageWriter, setValue } from "./stage-writer.ts";

/** The statements that compute a value on a row of its own domain; empty where nothing has to be computed. */
export function emitValue(writer: StageWriter, stage: Stage, id: ValueId): string {
  const value = writer.plan.values[id]!;
  const operand = (argument: ValueId) => writer.operand(argument, value.domain);
  switch (value.kind) {
    case "literal":
      return "";
    case "present":
      // Discrete readers ask for the domain's own presence.
      return value.continuous ? setValue(writer, id, "(i32.const 1)", "(i32.const 1)") : "";
    case "time":
      return setValue(writer, id, "(local.get $time)", "(i32.const 1)");
    case "column":
    case "stored":
    case "answer":
      return emitLoad(writer, stage, id);
    case "sample": {
      const { value: text, valid } = operand(value.argument);
      return setValue(writer, id, text, valid);
    }
    case "if": {
      const argument = operand(value.argument);
      const condition = operand(value.condition);
      const test = value.negated ? `(i32.eqz ${condition.value})` : condition.value;
      return setValue(writer, id, argument.value, allValid([argument.valid, condition.valid, test]));
    }
    case "choose":
      return emitChoose(writer, id, value);
    case "is_valid":
      return setValue(writer, id, operand(value.argument).valid, "(i32.const 1)");
    case "any": {
      const parts = value.arguments.map((argument) => writer.holds(argument, value.domain));
      return setValue(
        writer,
        id,
        parts.includes("(i32.const 1)") ? "(i32.const 1)" : balanced("i32.or", parts),
        "(i32.const 1)",
      );
    }
    case "all": {
      const parts = value.arguments.map((argument) => writer.holds(argument, value.domain));
      return setValue(writer, id, allValid(parts), "(i32.const 1)");
    }
    case "hash":
      return setValue(writer, id, hashWat(writer, value.arguments.map(operand), value), "(i32.const 1)");
    case "call": {
      const record = findFunction(value.function);
      if (!record) throw new Error(`no function ${value.function}`);
      const types = { result: value.type, variables: value.variables };
      const evaluation = callEvaluation(record, types);
      const operands = value.arguments.map(operand);
      if (evaluation.kind === "row") return emitRow(writer, id, evaluation, operands, types);
      if (evaluation.kind !== "host") throw new Error(`${value.function} is not computed row by row`);
      const name = `h${id}`;
      const free = evaluation.nulls === "free";
      const literals = value.arguments.map((argument) => literalOf(writer, argument));
      const passed = operands.filter((_, index) => literals[index] === null);
      const parameters = passed.map((one) => one.type);
      // A text made of one value is made once for each, which is better.
      const carried = passed.length > 1 && writer.carried.has(id);
      if (carried) writer.makers.set(id, name);
      // A strict function of a literal null is null.
      const test = free || operands.every((one) => one.literal !== null) ? "(i32.const 1)" : "(i32.const 0)";
      const item = {
        kind: "call" as const,
        name,
        function: value.function,
        literals,
        parameters,
        free,
        carried,
        ...types,
      };
      const joins = carried && evaluation.joins === true && test === "(i32.const 1)";
      return joins ? emitJoin(writer, id, passed, item) : emitHost(writer, id, passed, free, item, test);
    }
    case "cast": {
      const argument = operand(value.argument);
      const evaluation = castEvaluation(argument.type, value.type);
      if (!evaluation) throw new Error("the analyzer let an impossible cast pass");
      const types = { result: value.type, variables: {} };
      if (evaluation.kind === "row") return emitRow(writer, id, evaluation, [argument], types);
      const free = (evaluation as HostEvaluation).nulls === "free";
      return emitHost(writer, id, [argument], free, {
        kind: "cast",
        name: `h${id}`,
        parameters: [argument.type],
        result: value.type,
        free,
      });
    }
    case "member":
    case "items":
    case "part": {
      const argument = operand(value.argument);
      const common = { name: `h${id}`, parameters: [argument.type], result: value.type };
      const item: RowHostImport =
        value.kind === "member"
          ? { ...common, kind: "member", member: value.name }
          : { ...common, kind: value.kind, index: value.index };
      return emitHost(writer, id, [argument], false, item);
    }
    case "tuple": {
      const operands = value.arguments.map(operand);
      const test = writer.holds(value.test, value.domain);
      const item: RowHostImport = {
        kind: "tuple",
        name: `h${id}`,
        parameters: operands.map((one) => one.type),
        result: value.type,
      };
      return emitHost(writer, id, operands, true, item, test);
    }
    case "aggregate":
      return emitAggregate(writer, id, value);
  }
}

/** A literal as data. */
function literalOf(writer: StageWriter, id: ValueId): PlanConstant | null {
  const value = writer.plan.values[id]!;
  return value.kind === "literal" ? { type: value.type, value: value.value } : null;
}

function emitRow(
  writer: StageWriter,
  id: ValueId,
  evaluation: RowEvaluation,
  operands: readonly Operand[],
  types: { result: FenlType; variables: Readonly<Record<string, FenlType>> },
): string {
  const wat = evaluation.wat(operands, types);
  const strict = evaluation.nulls === "strict" ? operands.map((operand) => operand.valid) : [];
  if (typeof wat === "string") return setValue(writer, id, wat, allValid(strict));
  return setValue(writer, id, wat.value, allValid([...strict, wat.valid]));
}

function emitHost(
  writer: StageWriter,
  id: ValueId,
  operands: readonly Operand[],
  free: boolean,
  item: RowHostImport,
  test = "(i32.const 1)",
): string {
  const [only] = operands;
  const table = operands.length === 1 && isTextCode(only!.type) ? tableSlots(writer, item.name) : undefined;
  writer.imports.push(table === undefined ? item : { ...item, table });
  const parameters = operands.map((operand) => (free ? `${operand.value} ${operand.valid}` : operand.value)).join(" ");
  writer.valueLocal(id);
  writer.validLocal(id);
  const call = `(local.set $v${id} (call $${item.name} ${parameters})) (local.set $o${id} (i32.load8_u (i32.const ${HOST_VALID})))`;
  const run = table === undefined ? call : tabulated(item, only!, free, id, call);
  const needed = allValid([...(free ? [] : operands.map((operand) => operand.valid)), test]);
  return needed === "(i32.const 1)" ? run : `(if ${needed} (then ${run}) (else (local.set $o${id} (i32.const 0))))`;
}

/** Texts one after the other, which the stage writes itself. */
function emitJoin(
  writer: StageWriter,
  id: ValueId,
  operands: readonly Operand[],
  item: Extract<RowHostImport, { kind: "call" }>,
): string {
  let parameters = 0;
  const parts = item.literals.map((one) => {
    if (one === null) return { code: `(local.get $c${parameters++})`, text: null };
    const text = literalHostValue(one.value, one.type) as string;
    return { code: writer.stringLiteral(text), text };
  });
  const join = writeJoin(writer, item.name, parameters, parts);
  writer.imports.push({ ...item, join });
  const text = `(call $join_${item.name} ${operands.map(({ value }) => value).join(" ")})`;
  const needed = allValid(operands.map(({ valid }) => valid));
  writer.valueLocal(id);
  writer.validLocal(id);
  return needed === "(i32.const 1)"
    ? `(local.set $v${id} ${text}) (local.set $o${id} (i32.const 1))`
    : `(if ${needed} (then (local.set $v${id} ${text}))) (local.set $o${id} ${needed})`;
}

/** A function of one text: its results are taken from a table, once they are known. */
function tabulated(item: RowHostImport, { value, valid }: Operand, free: boolean, id: ValueId, call: string): string {
  const text = lookUpResult(item.name, value, item.result, { value: `$v${id}`, valid: `$o${id}` }, call);
  return free && valid !== "(i32.const 1)" ? `(if ${valid} (then ${text}) (else ${call}))` : text;
}

function emitChoose(writer: StageWriter, id: ValueId, value: Extract<Value, { kind: "choose" }>): string {
  const representation = representationOf(value.type);
  let text = `(${representation}.const 0)`;
  let valid = "(i32.const 0)";
  for (let index = value.arguments.length - 1; index >= 0; index--) {
    const test = writer.holds(value.tests[index]!, value.domain);
    const operand = writer.operand(value.arguments[index]!, value.domain);
    if (test === "(i32.const 1)") {
      text = operand.value;
      valid = operand.valid;
    } else {
      text = `(select ${operand.value} ${text} ${test})`;
      valid = `(select ${operand.valid} ${valid} ${test})`;
    }
  }
  return setValue(writer, id, text, valid);
}

/** A 64-bit multiple of a divisor divided by it: by the inverse of its odd part, as a division takes as long as a row. */
function exactQuotient(dividend: string, divisor: bigint): string {
  if (divisor === 1n) return dividend;
  let zeros = 0n;
  while (((divisor >> zeros) & 1n) === 0n) zeros++;
  const odd = divisor >> zeros;
  // Each step doubles the number of bits that are right.
  let inverse = odd;
  for (let bits = 3; bits < 64; bits *= 2) inverse = BigInt.asIntN(64, inverse * (2n - odd * inverse));
  return `(i64.mul (i64.shr_s ${dividend} (i64.const ${zeros})) (i64.const ${inverse}))`;
}

function emitLoad(writer: StageWriter, stage: Stage, id: ValueId): string {
  const unit = writer.times.get(id);
  if (unit !== undefined) {
    return setValue(writer, id, exactQuotient("(local.get $time)", BigInt(unit)), "(i32.const 1)");
  }
  const representation = representationOf(writer.plan.values[id]!.type);
  const index = stage.sources.findIndex((source) => source.kind !== "requests" && source.values.includes(id));
  const source = stage.sources[index];
  if (!source || source.kind === "requests") throw new Error(`no source has value ${id}`);
  const column = source.values.indexOf(id);
  const row = `(local.get $s${index}_row)`;
  const base = `(local.get $s${index}_c${column})`;
  const bytes = source.kind === "scan" && writer.plan.values[id]!.type.kind === "bool";
  const text = bytes
    ? `(i32.load8_u (i32.add ${base} ${row}))`
    : `(${representation}.load ${rowAddress(base, row, representation)})`;
  const valid = writer.alwaysValid(id) ? "(i32.const 1)" : loadValid(`(local.get $s${index}_c${column}_valid)`, row);
  if (source.kind !== "answers") return setValue(writer, id, text, valid);
  // A row whose key is null has asked for nothing, and its row number may lie beyond the answers.
  return `(if (local.get $a${index}) (then ${setValue(writer, id, text, valid)}) (else (local.set $o${id} (i32.const 0))))`;
}
