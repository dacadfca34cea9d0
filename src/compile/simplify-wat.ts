import { type Part, partText } from "./wat-tree.ts";

/** What is known of locals at some point of the code. */
export class Known {
  /** Whether a local is always 0 or 1. */
  readonly isBoolean: (local: string) => boolean;
  /** What was known where the code branched. */
  readonly #before: Known | null;
  /** What was learnt since: the instruction that makes the constant that a local holds, or null where none is known. */
  readonly #learnt = new Map<string, Part | null>();

  constructor(isBoolean: (local: string) => boolean, before: Known | null = null) {
    this.isBoolean = isBoolean;
    this.#before = before;
  }

  /** What is known on one of several ways, at its start. */
  branch(): Known {
    return new Known(this.isBoolean, this);
  }

  /** The instruction that makes the constant that a local holds. */
  constant(local: string): Part | null {
    const learnt = this.#learnt.get(local);
    if (learnt !== undefined) return learnt;
    return this.#before === null ? null : this.#before.constant(local);
  }

  set(local: string, value: Part): void {
    this.#learnt.set(local, constantOf(value) === null ? null : value);
  }

  /** Takes over what is known after both of two ways, which branched here. */
  meet(one: Known, other: Known): void {
    for (const local of new Set([...one.#learnt.keys(), ...other.#learnt.keys()])) {
      const [first, second] = [one.constant(local), other.constant(local)];
      const same = first !== null && second !== null && partText(first) === partText(second);
      this.#learnt.set(local, same ? first : null);
    }
  }

  /** Nothing is known any more of the locals that are set in some code. */
  forget(parts: readonly Part[]): void {
    for (const part of parts) {
      if (typeof part === "string") continue;
      if (isSet(part)) this.#learnt.set(part[1] as string, null);
      this.forget(part);
    }
  }
}

function isSet(part: readonly Part[]): boolean {
  return part[0] === "local.set" || part[0] === "local.tee";
}

const ZERO: Part = ["i32.const", "0"];
const ONE: Part = ["i32.const", "1"];

/** Simplifies statements, given what some locals hold before them. `known` is what they hold afterwards. */
export function simplifyStatements(statements: readonly Part[], known: Known): Part[] {
  const simple: Part[] = [];
  for (const statement of statements) {
    for (const one of simplifyStatement(statement, known)) {
      const joined = joinedIfs(simple.at(-1), one);
      if (joined === null) simple.push(one);
      else simple[simple.length - 1] = joined;
    }
    const last = simple.at(-1);
    // What follows a jump is never reached.
    if (Array.isArray(last) && (last[0] === "br" || last[0] === "return" || last[0] === "unreachable")) break;
  }
  return simple;
}

/** Two branches under one condition as one; null where they are not. */
function joinedIfs(first: Part | undefined, second: Part): Part | null {
  if (!Array.isArray(first) || !Array.isArray(second)) return null;
  const isPlain = (part: readonly Part[]) => part[0] === "if" && part.length === 3 && Array.isArray(part[2]);
  if (!isPlain(first) || !isPlain(second)) return null;
  const condition = first[1]!;
  if (!isPure(condition) || partText(condition) !== partText(second[1]!)) return null;
  if (readsMemory(condition) || setsAny(first[2]!, localsOf(condition))) return null;
  return ["if", condition, ["then", ...armOf(first[2]), ...armOf(second[2])]];
}

function readsMemory(part: Part): boolean {
  return Array.isArray(part) && (/\.load/.test(part[0] as string) || part.some(readsMemory));
}

function localsOf(part: Part): ReadonlySet<string> {
  if (typeof part === "string") return new Set();
  if (part[0] === "local.get") return new Set([part[1] as string]);
  return new Set(part.flatMap((item) => [...localsOf(item)]));
}

function setsAny(part: Part, locals: ReadonlySet<string>): boolean {
  if (typeof part === "string") return false;
  return (isSet(part) && locals.has(part[1] as string)) || part.some((item) => setsAny(item, locals));
}

function simplifyStatement(part: Part, known: Known): Part[] {
  if (typeof part === "string") throw new Error(`'${part}' is no instruction between parentheses`);
  switch (part[0]) {
    case "if":
      return simplifyIf(part, known);
    case "block": {
      const { head, rest } = headOf(part);
      const body = simplifyStatements(rest, known);
      known.forget(rest);
      return unblocked(head, body);
    }
    case "loop": {
      const { head, rest } = headOf(part);
      known.forget(rest);
      const body = simplifyStatements(rest, known);
      known.forget(rest);
      return [["loop", ...head, ...body]];
    }
    default:
      return [simplifyInstruction(part, known)];
  }
}

/** A block without the jump to its own end, and not even a block where nothing else jumps there. */
function unblocked(head: readonly Part[], body: readonly Part[]): Part[] {
  const [label] = head;
  const last = body.at(-1);
  const jumps = Array.isArray(last) && last[0] === "br" && last[1] === label && last.length === 2;
  const inner = jumps ? body.slice(0, -1) : [...body];
  const plain = head.length === 0 || (head.length === 1 && typeof label === "string" && !names(inner, label));
  return plain && !inner.some(isJump) ? inner : [["block", ...head, ...inner]];
}

/** Whether an instruction jumps past the statements behind it for sure. */
function isJump(part: Part): boolean {
  return Array.isArray(part) && (part[0] === "br" || part[0] === "return" || part[0] === "unreachable");
}

function names(parts: readonly Part[], name: string): boolean {
  return parts.some((part) => (typeof part === "string" ? part === name : names(part, name)));
}

function simplifyIf(part: readonly Part[], known: Known): Part[] {
  const { head, rest } = headOf(part);
  const condition = simplifyExpression(rest[0]!, known);
  const [then, otherwise] = [armOf(rest[1]), armOf(rest[2])];
  const labelled = typeof head[0] === "string";
  const constant = constantOf(condition);
  if (constant !== null && !labelled) {
    const body = simplifyStatements(constant !== 0n ? then : otherwise, known);
    return head.length === 0 || body.length === 1 ? body : [["block", ...head, ...body]];
  }
  const [inThen, inElse] = [known.branch(), known.branch()];
  const [one, other] = [simplifyStatements(then, inThen), simplifyStatements(otherwise, inElse)];
  known.meet(inThen, inElse);
  if (labelled) known.forget(rest);
  if (one.length === 0 && other.length === 0 && isPure(condition)) return [];
  return [["if", ...head, condition, ["then", ...one], ...(other.length > 0 ? [["else", ...other]] : [])]];
}

function armOf(arm: Part | undefined): readonly Part[] {
  return Array.isArray(arm) ? arm.slice(1) : [];
}

/** The label and the result of a block, and what is in it. */
function headOf(part: readonly Part[]): { head: readonly Part[]; rest: readonly Part[] } {
  let at = 1;
  while (at < part.length && (typeof part[at] === "string" || part[at]![0] === "result")) at++;
  return { head: part.slice(1, at), rest: part.slice(at) };
}

function simplifyExpression(part: Part, known: Known): Part {
  if (typeof part === "string") return part;
  if (part[0] === "if" || part[0] === "block" || part[0] === "loop") {
    const [only, ...more] = simplifyStatement(part, known);
    if (more.length === 0 && only !== undefined) return only;
    throw new Error("an expression has become several");
  }
  return simplifyInstruction(part, known);
}

function simplifyInstruction(part: readonly Part[], known: Known): Part {
  const [name] = part;
  if (name === "local.get") return known.constant(part[1] as string) ?? part;
  const simple = part.map((item) => simplifyExpression(item, known));
  if (name === "local.set" || name === "local.tee") {
    known.set(part[1] as string, simple[2]!);
    return simple;
  }
  return fold(simple, known.isBoolean);
}

/** An instruction whose operands are simple. */
function fold(part: readonly Part[], isBooleanLocal: (local: string) => boolean): Part {
  const isBoolean = (one: Part) => isTruth(one, isBooleanLocal);
  const [name, a, b, c] = part as [string, Part, Part, Part];
  const [x, y] = [constantOf(a), constantOf(b)];
  switch (name) {
    case "i32.eqz":
    case "i64.eqz":
      return x === null ? part : x === 0n ? ONE : ZERO;
    case "i32.and":
      if ((x === 0n && isPure(b)) || (y === 0n && isPure(a))) return ZERO;
      if (x === 1n && isBoolean(b)) return b;
      if (y === 1n && isBoolean(a)) return a;
      return part;
    case "i32.or":
      if (x === 0n) return b;
      if (y === 0n) return a;
      if ((x === 1n && isBoolean(b) && isPure(b)) || (y === 1n && isBoolean(a) && isPure(a))) return ONE;
      return isBoolean(part) && isPure(part) && isTautology(part) ? ONE : part;
    case "i32.eq":
    case "i64.eq":
      return x === null || y === null ? part : x === y ? ONE : ZERO;
    case "i32.add":
      return x === 0n ? b : y === 0n ? a : part;
    case "select": {
      const condition = constantOf(c);
      if (condition !== null && isPure(a) && isPure(b)) return condition !== 0n ? a : b;
      return partText(a) === partText(b) && isPure(b) && isPure(c) ? a : part;
    }
    default:
      return part;
  }
}

/** The value of a small constant; bits of others are left to the assembler. */
function constantOf(part: Part | undefined): bigint | null {
  if (!Array.isArray(part) || part.length !== 2) return null;
  if (part[0] !== "i32.const" && part[0] !== "i64.const") return null;
  return /^-?\d{1,9}$/.test(part[1] as string) ? BigInt(part[1] as string) : null;
}

const COMPARISON = /^[if](32|64)\.(eqz?|ne|[lg][te](_[su])?)$/;

/** Whether an expression is 0 or 1. */
export function isTruth(part: Part, isBooleanLocal: (local: string) => boolean): boolean {
  if (typeof part === "string") return false;
  const of = (one: Part) => isTruth(one, isBooleanLocal);
  const name = part[0] as string;
  if (COMPARISON.test(name)) return true;
  if (name === "i32.const") return part[1] === "0" || part[1] === "1";
  if (name === "local.get") return isBooleanLocal(part[1] as string);
  if (name === "i32.and") return of(part[1]!) || of(part[2]!);
  if (name === "i32.or" || name === "select") return of(part[1]!) && of(part[2]!);
  return false;
}

/** Whether an `or` of truths holds anyhow: for one that is an `and` it has the opposites of all that is in it. */
function isTautology(part: Part): boolean {
  const terms = operandsOf(part, "i32.or");
  const opposites = new Set(terms.filter((term) => term[0] === "i32.eqz").map((term) => partText(term[1]!)));
  return terms.some((term) => operandsOf(term, "i32.and").every((one) => opposites.has(partText(one))));
}

/** The operands of an associative instruction, however they are grouped. */
function operandsOf(part: Part, instruction: string): readonly Part[] {
  if (part[0] !== instruction) return [part];
  return [part[1]!, part[2]!].flatMap((operand) => operandsOf(operand, instruction));
}

const ARITHMETIC =
  /^(local\.get|select|[if](32|64)\.(const|eqz?|ne|[lg][te](_[su])?|add|sub|mul|and|or|xor|shl|shr_[su]|rotl|clz|ctz|popcnt|neg|abs|min|max|wrap_i64|extend\w+|load\w*))$/;

/** Whether an expression has no effect but its value, and need not be computed where that is not asked for. */
export function isPure(part: Part): boolean {
  return typeof part === "string" || (ARITHMETIC.test(part[0] as string) && part.slice(1).every(isPure));
}
