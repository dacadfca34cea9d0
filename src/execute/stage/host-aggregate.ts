import type { HostImport } from "../../compile/host-import.ts";
import { literalHostValue } from "../../compile/literal-wat.ts";
import { findFunction } from "../../functions/catalog.ts";
import type { AggregateCall, ListAggregateEvaluation } from "../../functions/define.ts";
import { callEvaluation } from "../../functions/evaluation.ts";
import { isCoded } from "../../values/fenl-type.ts";
import type { HostValue } from "../../values/host-value.ts";
import { decoder, encoder, type Interner, nothing, type Raw, type SetValid } from "../rows/interner.ts";
import type { HeldStates } from "./held-states.ts";
import { windowOf } from "./host-window.ts";
import { ListWindow } from "./list-window.ts";

type AggregateImport = Extract<HostImport, { kind: "aggregate" }>;

/** The imports of an aggregation whose state is held in TypeScript, for one entity at a time. */
export function hostAggregate(
  item: AggregateImport,
  interner: Interner,
  setValid: SetValid,
  states: HeldStates,
): Record<string, (...raw: Raw[]) => Raw | undefined> {
  const input = item.parameters[0]!;
  const call: AggregateCall = {
    result: item.result,
    variables: item.variables,
    input,
    constants: item.constants.map(({ type, value }) => literalHostValue(value, type)),
    combining: item.sliding !== null,
  };
  const evaluation = callEvaluation(findFunction(item.function)!, call);
  if (evaluation.kind === "list-aggregate") return collected(item, evaluation, call, interner, setValid, states);
  if (evaluation.kind !== "host-aggregate") throw new Error(`${item.function} is not aggregated in TypeScript`);
  const decode = decoder(input, interner);
  const encode = encoder(item.result, interner);
  const none = nothing(item.result);
  const within = item.within === null ? null : BigInt(item.within);
  let state = evaluation.start(call);
  let latest: { readonly result: HostValue; readonly raw: Raw } | null = null;
  interner.hold({
    renew: () => {
      latest = null;
    },
  });
  const answer = (from: unknown): Raw => {
    const result = evaluation.emit(from, call);
    setValid(result !== null);
    if (result === null) return none;
    if (latest === null || latest.result !== result) latest = { result, raw: encode(result) };
    return latest.raw;
  };
  const { sliding } = item;
  const window = windowOf(evaluation, call, within, sliding);
  states.add(item.function, () => window?.bytes ?? evaluation.bytes(state));
  if (window === null) {
    return {
      [`${item.name}_update`]: (raw) => {
        evaluation.update(state, decode(raw!), call);
        return undefined;
      },
      [`${item.name}_emit`]: () => answer(state),
      [`${item.name}_reset`]: () => {
        state = evaluation.start(call);
        return undefined;
      },
      [`${item.name}_close`]: () => undefined,
    };
  }
  return {
    [`${item.name}_update`]: (raw, time) => {
      window.add(time as bigint, decode(raw!));
      return undefined;
    },
    [`${item.name}_emit`]: (time) => answer(window.state(time as bigint)),
    [`${item.name}_reset`]: () => {
      window.clear();
      return undefined;
    },
    [`${item.name}_close`]: () => {
      window.close();
      return undefined;
    },
  };
}

function collected(
  item: AggregateImport,
  evaluation: ListAggregateEvaluation,
  call: AggregateCall,
  interner: Interner,
  setValid: SetValid,
  states: HeldStates,
): Record<string, (...raw: Raw[]) => Raw | undefined> {
  const { name, within, sliding } = item;
  const log = interner.addLog(call.input);
  const bounds = { most: evaluation.most(call), within: within === null ? null : BigInt(within), sliding };
  const window = new ListWindow(log, bounds);
  states.add(item.function, () => window.bytes, isCoded(call.input));
  const least = evaluation.least(call);
  const { lists } = interner;
  return {
    [`${name}_update`]: ((raw: Raw, time: bigint) => window.add(raw, time)) as (...raw: Raw[]) => undefined,
    [`${name}_emit`]: ((time: bigint) => {
      const first = window.first(time);
      const valid = log.length - first >= least;
      setValid(valid);
      return valid ? ~lists.add(log.index, first, log.length) : 0;
    }) as (...raw: Raw[]) => Raw,
    [`${name}_reset`]: () => {
      window.clear();
      return undefined;
    },
    [`${name}_close`]: () => {
      window.close();
      return undefined;
    },
  };
}
