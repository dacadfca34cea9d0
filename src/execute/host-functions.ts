import type { HostImport } from "../compile/host-import.ts";
import { castEvaluation } from "../functions/cast.ts";
import { findFunction } from "../functions/catalog.ts";
import { callEvaluation } from "../functions/evaluation.ts";
import { jsonMember } from "../functions/json.ts";
import { type FenlType, representationOf } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";
import { hashValue } from "../values/key-hash.ts";
import { hostAggregate } from "./host-aggregate.ts";
import { decoder, encoder, type Interner, nothing, type Raw, type SetValid } from "./interner.ts";

type RowImport = Exclude<HostImport, { kind: "aggregate" }>;

/** The JavaScript functions behind a stage's imports. */
export function hostFunctions(
  imports: readonly HostImport[],
  interner: Interner,
  setValid: SetValid,
): Record<string, (...raw: Raw[]) => Raw | undefined> {
  const functions: Record<string, (...raw: Raw[]) => Raw | undefined> = Object.create(null);
  for (const item of imports) {
    if (item.kind === "aggregate") Object.assign(functions, hostAggregate(item, interner, setValid));
    else functions[item.name] = rowFunction(item, interner, setValid);
  }
  return functions;
}

interface Answer {
  readonly raw: Raw;
  readonly valid: boolean;
}

function rowFunction(item: RowImport, interner: Interner, setValid: SetValid): (...raw: Raw[]) => Raw {
  const call = rowCall(item);
  const decode = item.parameters.map((type) => decoder(type, interner));
  const encode = encoder(item.result, interner);
  const none = nothing(item.result);
  const free = item.kind === "tuple" || ((item.kind === "call" || item.kind === "cast") && item.free);
  const run = (raw: readonly Raw[]): Answer => {
    const values = free
      ? decode.map((one, index) => (raw[index * 2 + 1] ? one(raw[index * 2]!) : null))
      : decode.map((one, index) => one(raw[index]!));
    const result = call(values);
    return result === null ? { raw: none, valid: false } : { raw: encode(result), valid: true };
  };
  // Equal codes are equal values: a function of codes runs once for each tuple of them.
  const coded = item.parameters.length > 0 && item.parameters.every(isRepeated);
  const answer = coded ? remember(run) : run;
  return (...raw) => {
    const { raw: result, valid } = answer(raw);
    setValid(valid);
    return result;
  };
}

/** True for types whose values come again under the same number; lists and records get a new one each time. */
function isRepeated(type: FenlType): boolean {
  return representationOf(type) === "i32" && !["list", "map", "record"].includes(type.kind);
}

function remember(run: (raw: readonly Raw[]) => Answer): (raw: readonly Raw[]) => Answer {
  const known = new Map<Raw | string, Answer>();
  return (raw) => {
    const key = raw.length === 1 ? raw[0]! : raw.join(" ");
    let answer = known.get(key);
    if (answer === undefined) {
      answer = run(raw);
      known.set(key, answer);
    }
    return answer;
  };
}

function rowCall(item: RowImport): (values: readonly HostValue[]) => HostValue {
  switch (item.kind) {
    case "call": {
      const types = { result: item.result, variables: item.variables };
      const evaluation = callEvaluation(findFunction(item.function)!, types);
      if (evaluation.kind !== "host") throw new Error(`${item.function} is not computed in TypeScript`);
      return (values) => evaluation.call(values, types);
    }
    case "cast": {
      const types = { result: item.result, variables: {} };
      const evaluation = castEvaluation(item.parameters[0]!, item.result);
      if (evaluation?.kind !== "host") throw new Error("the cast is not computed in TypeScript");
      return (values) => evaluation.call(values, types);
    }
    case "member":
      return ([text]) => jsonMember(text as string, item.member);
    case "items":
      return ([list]) => (list as readonly HostValue[]).map((record) => partOf(record!, item.index));
    case "part":
      return ([record]) => partOf(record!, item.index);
    case "tuple":
      return (values) => values;
    case "hash":
      return ([value]) => BigInt.asIntN(64, hashValue(item.parameters[0]!, value!));
  }
}

function partOf(record: HostValue, index: number): HostValue {
  return record === null ? null : (record as readonly HostValue[])[index]!;
}
