import type { HostImport } from "../compile/host-import.ts";
import { literalHostValue } from "../compile/literal-wat.ts";
import { findFunction } from "../functions/catalog.ts";
import type { AggregateCall } from "../functions/define.ts";
import { callEvaluation } from "../functions/evaluation.ts";
import type { HostValue } from "../values/host-value.ts";
import { decoder, encoder, type Interner, nothing, type Raw, type SetValid } from "./interner.ts";

type AggregateImport = Extract<HostImport, { kind: "aggregate" }>;

/** The imports of an aggregation whose state is held in TypeScript, for one entity at a time. */
export function hostAggregate(
  item: AggregateImport,
  interner: Interner,
  setValid: SetValid,
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
  if (evaluation.kind !== "host-aggregate") throw new Error(`${item.function} is not aggregated in TypeScript`);
  const decode = decoder(input, interner);
  const encode = encoder(item.result, interner);
  const none = nothing(item.result);
  const within = item.within === null ? null : BigInt(item.within);
  let state = evaluation.start(call);
  /** The closed intervals of a sliding window, oldest first. */
  let closed: unknown[] = [];
  /** The values of a window of true time, oldest first. */
  let recent: { time: bigint; value: HostValue }[] = [];

  const whole = (time: bigint): unknown => {
    if (within !== null) {
      const kept = recent.findIndex((entry) => entry.time > time - within);
      recent = kept < 0 ? [] : recent.slice(kept);
      const total = evaluation.start(call);
      for (const entry of recent) evaluation.update(total, entry.value, call);
      return total;
    }
    if (item.sliding === null || closed.length === 0) return state;
    const total = evaluation.start(call);
    for (const interval of closed) evaluation.combine(total, interval, call);
    evaluation.combine(total, state, call);
    return total;
  };

  return {
    [`${item.name}_update`]: (raw, time) => {
      const value = decode(raw!);
      if (within === null) evaluation.update(state, value, call);
      else recent.push({ time: time as bigint, value });
      return undefined;
    },
    [`${item.name}_emit`]: (time) => {
      const result = evaluation.emit(whole(time as bigint), call);
      setValid(result !== null);
      return result === null ? none : encode(result);
    },
    [`${item.name}_reset`]: () => {
      state = evaluation.start(call);
      closed = [];
      recent = [];
      return undefined;
    },
    [`${item.name}_close`]: () => {
      closed.push(state);
      if (closed.length >= item.sliding!) closed.shift();
      state = evaluation.start(call);
      return undefined;
    },
  };
}
