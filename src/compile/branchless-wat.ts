import type { Representation } from "../values/fenl-type.ts";
import { isTruth } from "./simplify-wat.ts";
import { type Part, partText } from "./wat-tree.ts";

/** What is worth computing in vain, in instructions: guessing a branch wrong costs about as much. */
const MOST_INSTRUCTIONS = 40;

/** What the rewriting of branches asks of the code around them. */
export interface BranchContext {
  /** The numbers of the sources that have the row, so that their columns can be read whatever a condition is. */
  readonly sources: ReadonlySet<number>;
  /** Whether a local is always 0 or 1. */
  isBoolean(local: string): boolean;
  /** The type of a local. */
  typeOf(local: string): Representation;
  /** Makes a local of a type; returns its name. */
  newLocal(type: Representation): string;
}

/**
 * Replaces branches that only set locals of integers, and cheaply, by arithmetic: whether a row counts is seldom guessed
 * right. It is not made of `select`, which V8 may turn into a branch again.
 */
export function branchless(statements: readonly Part[], context: BranchContext): readonly Part[] {
  return rewrite(statements, context, new Zeros());
}

/** Locals that are known to hold 0, at some point of the code. */
class Zeros {
  readonly #before: Zeros | null;
  /** What was learnt since the code branched. */
  readonly #learnt = new Map<string, boolean>();

  constructor(before: Zeros | null = null) {
    this.#before = before;
  }

  has(local: string): boolean {
    return this.#learnt.get(local) ?? this.#before?.has(local) ?? false;
  }

  add(local: string): void {
    this.#learnt.set(local, true);
  }

  delete(local: string): void {
    this.#learnt.set(local, false);
  }
}

function rewrite(statements: readonly Part[], context: BranchContext, zeros: Zeros): readonly Part[] {
  return statements.flatMap((part): readonly Part[] => {
    if (typeof part === "string") return [part];
    const then = part[2];
    if (part[0] === "if" && part.length === 3 && Array.isArray(then) && then[0] === "then") {
      const body = rewrite(then.slice(1), context, new Zeros(zeros));
      if (canCompute(body, context)) return arithmetic(part[1]!, body, context, zeros);
      forget(zeros, body);
      return [["if", part[1]!, ["then", ...body]]];
    }
    if (part[0] === "block") {
      const body = rewrite(part.slice(1), context, new Zeros(zeros));
      forget(zeros, part);
      return [["block", ...body]];
    }
    forget(zeros, part);
    if (part[0] === "local.set" && isZero(part[2]!)) zeros.add(part[1] as string);
    return [part];
  });
}

function forget(zeros: Zeros, part: Part): void {
  if (typeof part === "string") return;
  if (part[0] === "local.set" || part[0] === "local.tee") zeros.delete(part[1] as string);
  for (const item of part) forget(zeros, item);
}

/** A 0 of either type, in what is only compared. */
const NOTHING: Part = ["i64.const", "0"];

function isZero(part: Part): boolean {
  return Array.isArray(part) && /^i(32|64)\.const$/.test(part[0] as string) && part[1] === "0";
}

/** The statements of a branch as statements that leave everything as it is where the condition does not hold. */
function arithmetic(test: Part, body: readonly Part[], context: BranchContext, zeros: Zeros): readonly Part[] {
  const condition = context.newLocal("i32");
  const holds: Part = ["local.get", condition];
  const whether: Part = isTruth(test, context.isBoolean) ? test : ["i32.ne", test, ["i32.const", "0"]];
  const statements: Part[] = [["local.set", condition, whether]];
  const masks = new Map<Representation, Part>();
  /** All bits where the condition holds, else none. */
  const mask = (type: "i32" | "i64"): Part => {
    let get = masks.get(type);
    if (get === undefined) {
      const name = context.newLocal(type);
      const wide: Part = type === "i32" ? holds : ["i64.extend_i32_u", holds];
      statements.push(["local.set", name, [`${type}.sub`, [`${type}.const`, "0"], wide]]);
      get = ["local.get", name];
      masks.set(type, get);
    }
    return get;
  };
  /** Locals that are 0 where the condition does not hold. */
  const masked = new Set<string>();
  for (const statement of body) {
    const [, name, value] = statement as readonly [string, string, Part];
    const type = context.typeOf(name) as "i32" | "i64";
    const old: Part = ["local.get", name];
    const isNothingAdded = partText(withZeros(value, masked)) === partText(old);
    const kept = isNothingAdded ? value : chosen(old, value, type, holds, mask, zeros.has(name), context);
    statements.push(["local.set", name, kept]);
    if (zeros.has(name)) masked.add(name);
    else masked.delete(name);
    zeros.delete(name);
  }
  return statements;
}

/** What an expression is where some locals are 0, as far as sums go that stop at limits. */
function withZeros(part: Part, locals: ReadonlySet<string>): Part {
  if (typeof part === "string") return part;
  const [name, ...operands] = part as readonly [string, ...Part[]];
  if (name === "local.get") return locals.has(part[1] as string) ? NOTHING : part;
  const [a, b, c] = operands.map((operand) => withZeros(operand, locals));
  if (name === "select") return isZero(c!) ? b! : ["select", a!, b!, c!];
  const same = partText(a!) === partText(b ?? "");
  switch (name.slice(4)) {
    case "add":
    case "or":
      return isZero(a!) ? b! : isZero(b!) ? a! : [name, a!, b!];
    case "xor":
      return same ? NOTHING : isZero(a!) ? b! : isZero(b!) ? a! : [name, a!, b!];
    case "and":
      return isZero(a!) || isZero(b!) ? NOTHING : [name, a!, b!];
    case "lt_s":
      return same ? NOTHING : [name, a!, b!];
    default:
      return [name, ...operands];
  }
}

/** `value` where the condition holds, else `old`. */
function chosen(
  old: Part,
  value: Part,
  type: "i32" | "i64",
  holds: Part,
  mask: (type: "i32" | "i64") => Part,
  isOldZero: boolean,
  context: BranchContext,
): Part {
  const isOne = partText(value) === "(i32.const 1)";
  if (isOldZero) return isOne ? holds : [`${type}.and`, value, mask(type)];
  if (isOne && isTruth(old, context.isBoolean)) return ["i32.or", old, holds];
  if (isZero(value)) return [`${type}.and`, old, [`${type}.xor`, mask(type), [`${type}.const`, "-1"]]];
  if (Array.isArray(value) && value[0] === `${type}.add` && partText(value[1]!) === partText(old)) {
    const addend = value[2]!;
    return [`${type}.add`, old, partText(addend) === "(i32.const 1)" ? holds : [`${type}.and`, addend, mask(type)]];
  }
  return [`${type}.xor`, old, [`${type}.and`, [`${type}.xor`, old, value], mask(type)]];
}

/** Locals whose branches are guessed right: there is room for another row. */
const FORESEEN: ReadonlySet<string> = new Set(["$fuel"]);

function canCompute(body: readonly Part[], context: BranchContext): boolean {
  let instructions = 0;
  const isCheap = (part: Part): boolean => {
    if (typeof part === "string") return true;
    const name = part[0] as string;
    if (/\.load/.test(name)) {
      instructions += 3;
      return isColumn(part, context.sources);
    }
    if (name !== "local.get" && !name.endsWith(".const")) instructions++;
    return CHEAP.test(name) && part.slice(1).every(isCheap);
  };
  const isSet = (part: Part) => {
    if (!Array.isArray(part) || part[0] !== "local.set" || FORESEEN.has(part[1] as string)) return false;
    instructions += 2;
    return context.typeOf(part[1] as string).startsWith("i") && isCheap(part[2]!);
  };
  return body.length > 0 && body.every(isSet) && instructions <= MOST_INSTRUCTIONS;
}

const CHEAP =
  /^(local\.get|select|[if](32|64)\.(const|eqz?|ne|[lg][te](_[su])?|add|sub|mul|and|or|xor|shl|shr_[su]|wrap_i64|extend\w+|convert\w+))$/;

/** Whether an address is that of a column's value on the row that a source has. */
function isColumn(load: readonly Part[], sources: ReadonlySet<number>): boolean {
  if (load.length !== 2) return false;
  const [add, base, row] = load[1] as readonly Part[];
  if (add !== "i32.add" || !Array.isArray(base) || !Array.isArray(row)) return false;
  const source = /^\$s(\d+)_c\d+$/.exec(String(base[1]))?.[1];
  if (base[0] !== "local.get" || source === undefined || !sources.has(Number(source))) return false;
  const index = row[0] === "i32.shl" ? row[1]! : row;
  return Array.isArray(index) && index[0] === "local.get" && index[1] === `$s${source}_row`;
}
