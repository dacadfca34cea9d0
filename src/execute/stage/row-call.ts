import type { RowHostImport } from "../../compile/host-import.ts";
import { literalHostValue } from "../../compile/literal-wat.ts";
import { castEvaluation } from "../../functions/cast.ts";
import { findFunction } from "../../functions/catalog.ts";
import { callEvaluation } from "../../functions/evaluation.ts";
import { jsonMember } from "../../functions/json.ts";
import type { HostValue } from "../../values/host-value.ts";
import { hashValue } from "../../values/key-hash.ts";

/** What an import computes of the values that it is passed. */
export function rowCall(item: RowHostImport): (values: readonly HostValue[]) => HostValue {
  switch (item.kind) {
    case "call": {
      const types = { result: item.result, variables: item.variables };
      const evaluation = callEvaluation(findFunction(item.function)!, types);
      if (evaluation.kind !== "host") throw new Error(`${item.function} is not computed in TypeScript`);
      const literals = item.literals.map((one) => one && literalHostValue(one.value, one.type));
      if (item.literals.every((one) => one === null)) return (values) => evaluation.call(values, types);
      return (values) => {
        let next = 0;
        const all = item.literals.map((one, index) => (one === null ? values[next++]! : literals[index]!));
        return evaluation.call(all, types);
      };
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
