import { isTextCode } from "../../compile/code-table.ts";
import type { HostImport, RowHostImport } from "../../compile/host-import.ts";
import { type FenlType, representationOf } from "../../values/fenl-type.ts";
import { hashTexts } from "../../values/key-hash.ts";
import { decoder, encoder, type Interner, nothing, type Raw, type SetValid } from "../rows/interner.ts";
import type { CodeTable, CodeTables } from "./code-tables.ts";
import type { HeldStates } from "./held-states.ts";
import { hostAggregate } from "./host-aggregate.ts";
import { madeTexts } from "./made-texts.ts";
import { rowCall } from "./row-call.ts";
import type { TextOrder } from "./text-order.ts";

/** The JavaScript functions behind a stage's imports. */
export function hostFunctions(
  imports: readonly HostImport[],
  interner: Interner,
  setValid: SetValid,
  tables: CodeTables,
  states: HeldStates,
): Record<string, (...raw: Raw[]) => Raw | undefined> {
  const functions: Record<string, (...raw: Raw[]) => Raw | undefined> = Object.create(null);
  for (const item of imports) {
    if (item.kind === "call" && item.join !== undefined) tables.join(item.name, item.join);
    if (item.kind === "call" && item.carried) functions[item.name] = madeTexts(item, interner, setValid);
    else if (item.kind === "aggregate") Object.assign(functions, hostAggregate(item, interner, setValid, states));
    else if (item.kind === "before") functions[item.name] = textOrder(tables.order(item.ranks));
    else functions[item.name] = rowFunction(item, interner, setValid, tables);
  }
  return functions;
}

function textOrder(order: TextOrder): (...raw: Raw[]) => Raw {
  return ((a: number, b: number) => (order.isBefore(a, b) ? 1 : 0)) as (...raw: Raw[]) => Raw;
}

interface Answer {
  readonly raw: Raw;
  readonly valid: boolean;
}

/** Texts of which an answer is kept: a power of two. */
const REMEMBERED_TEXTS = 1 << 15;

type Answering = (raw: readonly Raw[]) => Answer;

/** Has something done when what is known by codes is to be forgotten. */
type Hold = (forget: () => void) => void;

function rowFunction(
  item: RowHostImport,
  interner: Interner,
  setValid: SetValid,
  tables: CodeTables,
): (...raw: Raw[]) => Raw {
  const call = rowCall(item);
  const decode = item.parameters.map((type) => decoder(type, interner));
  const encode = encoder(item.result, interner);
  const none = nothing(item.result);
  const free = item.kind === "tuple" || ((item.kind === "call" || item.kind === "cast") && item.free);
  const run: Answering = (raw) => {
    const values = free
      ? decode.map((one, index) => (raw[index * 2 + 1] ? one(raw[index * 2]!) : null))
      : decode.map((one, index) => one(raw[index]!));
    const result = call(values);
    return result === null ? { raw: none, valid: false } : { raw: encode(result), valid: true };
  };
  const { parameters } = item;
  const [first] = parameters;
  const hold = (forget: () => void) => interner.hold({ renew: forget });
  if (item.table !== undefined) {
    const ofTexts = item.kind === "hash" ? hashTexts : undefined;
    return ofOneText(run, free, setValid, tables.add(item.table, item.result, ofTexts), hold);
  }
  const coded = parameters.findIndex(isTextCode);
  const answer =
    coded >= 0
      ? ofTexts(run, free ? 2 * coded : coded, hold)
      : parameters.length === 1
        ? ofOne(run, first!, hold)
        : run;
  return (...raw) => {
    const { raw: result, valid } = answer(raw);
    setValid(valid);
    return result;
  };
}

/** A function of one text runs once for each. */
function ofOneText(
  run: Answering,
  free: boolean,
  setValid: SetValid,
  table: CodeTable,
  hold: Hold,
): (...raw: Raw[]) => Raw {
  /** Of texts for which the table has no room before the stage's run ends. */
  const known = new Map<number, Answer>();
  hold(() => known.clear());
  const ofCode = (code: number): Raw => {
    let answer = known.get(code);
    if (answer === undefined) {
      answer = run([code, 1]);
      if (!table.put(code, answer.raw, answer.valid)) known.set(code, answer);
    }
    setValid(answer.valid);
    return answer.raw;
  };
  if (!free) return ofCode as (raw: Raw) => Raw;
  let ofNull = run([0, 0]);
  hold(() => {
    ofNull = run([0, 0]);
  });
  return ((code: number, valid: number) => {
    if (valid !== 0) return ofCode(code);
    setValid(ofNull.valid);
    return ofNull.raw;
  }) as (...raw: Raw[]) => Raw;
}

/** A function of texts and other values: for a text the last answer is kept, as the rest is often the same. */
function ofTexts(run: Answering, place: number, hold: Hold): Answering {
  const known = new Array<{ readonly raw: readonly Raw[]; readonly answer: Answer } | undefined>(REMEMBERED_TEXTS);
  hold(() => known.fill(undefined));
  return (raw) => {
    const at = (raw[place] as number) & (REMEMBERED_TEXTS - 1);
    const last = known[at];
    if (last?.raw.every((value, index) => value === raw[index])) return last.answer;
    const answer = run(raw);
    known[at] = { raw, answer };
    return answer;
  };
}

/** A function of one small number runs once for each. */
function ofOne(run: Answering, type: FenlType, hold: Hold): Answering {
  const repeated = representationOf(type) === "i32" && !["list", "map", "record"].includes(type.kind);
  if (!repeated) return run;
  const known = new Map<string, Answer>();
  hold(() => known.clear());
  return (raw) => {
    const key = raw.join(" ");
    let answer = known.get(key);
    if (answer === undefined) {
      answer = run(raw);
      known.set(key, answer);
    }
    return answer;
  };
}
