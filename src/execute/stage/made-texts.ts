import type { RowHostImport } from "../../compile/host-import.ts";
import { literalHostValue } from "../../compile/literal-wat.ts";
import { findFunction } from "../../functions/catalog.ts";
import { callEvaluation } from "../../functions/evaluation.ts";
import { decoder, type Interner, type Raw, type SetValid } from "../rows/interner.ts";
import { TextLog } from "../rows/text-log.ts";
import { rowCall } from "./row-call.ts";

type CallImport = Extract<RowHostImport, { kind: "call" }>;

/** Arguments whose results are remembered: a power of two. */
const REMEMBERED = 1 << 12;

/** The import behind a function of several values whose texts nobody compares: each goes to the end of a log. */
export function madeTexts(item: CallImport, interner: Interner, setValid: SetValid): (...raw: Raw[]) => Raw {
  const evaluation = callEvaluation(findFunction(item.function)!, { result: item.result, variables: item.variables });
  return evaluation.kind === "host" && evaluation.joins
    ? joined(item, interner, setValid)
    : called(item, interner, setValid);
}

function called(item: CallImport, interner: Interner, setValid: SetValid): (...raw: Raw[]) => Raw {
  const log = interner.texts(item.name);
  const call = rowCall(item);
  const decode = item.parameters.map((type) => decoder(type, interner));
  const texts = item.parameters.flatMap((type, index) =>
    type.kind === "string" ? [item.free ? 2 * index : index] : [],
  );
  const known: ({ readonly raw: readonly Raw[]; readonly text: number | null } | undefined)[] = [];
  const answer = (raw: readonly Raw[]): number | null => {
    const values = item.free
      ? decode.map((one, index) => (raw[index * 2 + 1] ? one(raw[index * 2]!) : null))
      : decode.map((one, index) => one(raw[index]!));
    const result = call(values);
    return result === null ? null : log.add(result as string);
  };
  interner.hold({ renew: () => known.fill(undefined) });
  return (...raw) => {
    const place = texts.reduce((hash, at) => mixed(hash, raw[at] as number), 0) & (REMEMBERED - 1);
    let last = known[place];
    if (!last?.raw.every((value, index) => value === raw[index])) {
      last = { raw, text: answer(raw) };
      known[place] = last;
    }
    setValid(last!.text !== null);
    return last!.text ?? 0;
  };
}

/** Texts one after the other: only their bytes are copied. */
function joined(item: CallImport, interner: Interner, setValid: SetValid): (...raw: Raw[]) => Raw {
  const log = interner.texts(item.name);
  const call = rowCall(item);
  const literals = new TextLog();
  let parameters = 0;
  // Literals and parameters, in order: numbers below zero are those of literals.
  const parts = item.literals.map((one) =>
    one === null ? parameters++ : ~literals.add(literalHostValue(one.value, one.type) as string),
  );
  const codes = new Int32Array(parameters);
  const known = new Int32Array(REMEMBERED * (parameters + 1)).fill(-1);
  interner.hold({ renew: () => known.fill(-1) });
  const byText = (): number => log.add(call(Array.from(codes, (code) => interner.get(code))) as string);
  const join = (): number => {
    let size = 0;
    for (const part of parts) {
      const [from, text] = part < 0 ? [literals, ~part] : [interner.table, codes[part]!];
      if (!from.hasBytes(text)) return byText();
      size += from.end(text) - from.start(text);
    }
    if (!log.hasRoom(size)) return byText();
    for (const part of parts) {
      const [from, text] = part < 0 ? [literals, ~part] : [interner.table, codes[part]!];
      log.write(from.bytes, from.start(text), from.end(text));
    }
    return log.close();
  };
  const answer = (): number => {
    let hash = 0;
    for (let index = 0; index < parameters; index++) hash = mixed(hash, codes[index]!);
    const place = (hash & (REMEMBERED - 1)) * (parameters + 1);
    setValid(true);
    let same = true;
    for (let index = 0; index < parameters; index++) same &&= known[place + index] === codes[index];
    if (same) return known[place + parameters]!;
    const text = join();
    known.set(codes, place);
    known[place + parameters] = text;
    return text;
  };
  if (parameters === 2) {
    return ((a: number, b: number) => {
      codes[0] = a;
      codes[1] = b;
      return answer();
    }) as (...raw: Raw[]) => Raw;
  }
  return (...raw) => {
    codes.set(raw as number[]);
    return answer();
  };
}

function mixed(hash: number, code: number): number {
  const mix = Math.imul(hash ^ code, 0x2c1b3c6d);
  return mix ^ (mix >>> 15);
}
