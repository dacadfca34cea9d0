import type { AnalyzeEnvironment } from "../analyze/analyze.ts";
import { canCast } from "../functions/cast-rules.ts";
import { allFunctions, findFunction, signatureOf } from "../functions/catalog.ts";
import type { FunctionRecord } from "../functions/define.ts";
import { type FenlType, type ScalarKind, typeName } from "../values/fenl-type.ts";
import { type OpenPart, type RepairedText, repairText } from "./repair.ts";
import { tokensOf } from "./tokens.ts";
import { type Found, findAt } from "./types-at.ts";

/** What a completion names. */
export type CompletionKind =
  | "argument"
  | "binding"
  | "field"
  | "function"
  | "input"
  | "keyword"
  | "parameter"
  | "table"
  | "type"
  | "view";

/** One thing that can stand at the cursor. */
export interface Completion {
  /** The text that replaces the word at the cursor. */
  readonly label: string;
  readonly kind: CompletionKind;
  /** A type or a signature, on one line. */
  readonly detail: string;
  readonly documentation: string;
}

/** What can stand at a place of a text; the offsets are those of the word that an item replaces. */
export interface Completions {
  readonly from: number;
  readonly to: number;
  readonly items: readonly Completion[];
}

/** Stands in for the word at the cursor: a name that nobody has. */
const PLACEHOLDER = "_fenl_word_at_the_cursor_";

const WORD_BEFORE = /(?:\$[A-Za-z0-9_]*|[A-Za-z_][A-Za-z0-9_]*)$/;
const WORD_AFTER = /^[A-Za-z0-9_]*/;

/** Where a type can be named, which is after `as`. */
const CAST_TYPES: readonly ScalarKind[] = [
  ...(["bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64", "string", "large_string"] as const),
  ...(["timestamp_ns", "timestamp_us", "timestamp_ms", "timestamp_s", "date32", "date64"] as const),
  ...(["duration_ns", "duration_us", "duration_ms", "duration_s", "interval_days", "interval_months"] as const),
];

/** Tells what can stand at an offset (in UTF-16 units) of a text, however unfinished it is. Never fails. */
export function completeFenl(text: string, offset: number, environment: AnalyzeEnvironment): Completions {
  const at = Math.max(0, Math.min(offset, text.length));
  const word = WORD_BEFORE.exec(text.slice(0, at))?.[0] ?? "";
  const from = at - word.length;
  const to = at + WORD_AFTER.exec(text.slice(at))![0].length;
  if (isInsideText(text, at)) return { from: at, to: at, items: [] };
  const repaired = repairText(text.slice(0, from) + PLACEHOLDER + text.slice(to), from);
  const isCall = /^\s*\(/.test(text.slice(to));
  // A dot that stands in a place where no value can is left out of the repaired text.
  const isLost = repaired.place === "operator" && /\.\s*$/.test(text.slice(0, from));
  const items = (isLost ? [] : itemsAt(repaired, environment, isCall)).filter(({ label }) => hasPrefix(label, word));
  return { from, to, items };
}

function hasPrefix(label: string, word: string): boolean {
  return label.toLowerCase().startsWith(word.toLowerCase());
}

/** Inside a string, a comment or a number nothing is named. */
function isInsideText(text: string, at: number): boolean {
  return tokensOf(text).some(({ kind, text: token, start, end }) => {
    if (kind === "string") return start < at && at < end;
    if (kind === "comment" || kind === "number") return start < at && at <= end;
    return kind === "invalid" && /^["']/.test(token) && start < at && at <= end;
  });
}

function itemsAt(repaired: RepairedText, environment: AnalyzeEnvironment, isCall: boolean): Completion[] {
  const { place, cursor, open } = repaired;
  if (place === "field-name" || place === "binding-name") {
    // `{ name }` is a field of that name with the value of that name.
    return place === "binding-name" || isCall ? [] : valueItems(found(repaired, environment), environment, []);
  }
  if (place === "operator") return operatorItems(open);
  const at = cursor === null ? null : found(repaired, environment);
  if (place === "member") return fieldItems(at?.base ?? null);
  if (place === "type") return typeItems(at?.type ?? null);
  if (isCall) return functionItems();
  return valueItems(at, environment, repaired.argumentStart ? argumentItems(open.at(-1)) : []);
}

function found({ text, cursor }: RepairedText, environment: AnalyzeEnvironment): Found | null {
  return cursor === null ? null : findAt(text, cursor, environment);
}

function valueItems(at: Found | null, environment: AnalyzeEnvironment, first: readonly Completion[]): Completion[] {
  const items = [...first];
  const hidden = new Set<string>();
  const addName = (label: string, kind: CompletionKind, detail: string, documentation: string) => {
    if (hidden.has(label)) return;
    hidden.add(label);
    items.push({ label, kind, detail, documentation });
  };
  if (at !== null && at.input !== null) {
    const documentation = "What is on the left of the pipe.";
    items.push({ label: "$input", kind: "input", detail: shownType(at.input), documentation });
  }
  for (const { name, type } of at?.bindings ?? []) addName(name, "binding", shownType(type), "Bound by let.");
  for (const { name, columns, grouping } of environment.tables) {
    const type: FenlType = { kind: "record", fields: columns };
    addName(name, "table", shownType(type), `A table of the grouping ${grouping}.`);
  }
  for (const { name, expression } of environment.views) addName(name, "view", "view", expression);
  for (const { name, type } of environment.parameters ?? []) {
    addName(`$${name}`, "parameter", shownType(type), "Given with the query.");
  }
  return [...items, ...functionItems(), ...keywords(["let", "true", "false", "null"])];
}

/** The type of a value, as far as it is known. */
export function shownType(type: FenlType): string {
  return type.kind === "error" ? "unknown" : typeName(type);
}

/** The fields that `value.` can name. */
export function fieldsOf(type: FenlType | null): readonly { readonly name: string; readonly type: FenlType }[] {
  if (type?.kind === "record") return type.fields;
  if (type?.kind !== "list") return [];
  return fieldsOf(type.item).map((field) => ({ name: field.name, type: { kind: "list", item: field.type } }));
}

function fieldItems(base: FenlType | null): Completion[] {
  return fieldsOf(base)
    .filter(({ name }) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    .map(({ name, type }) => ({ label: name, kind: "field", detail: shownType(type), documentation: "" }));
}

function typeItems(from: FenlType | null): Completion[] {
  const fits = (kind: ScalarKind) => from === null || canCast(from, { kind });
  const documentation = from === null ? "" : `From ${shownType(from)}.`;
  return CAST_TYPES.filter(fits).map((label) => ({ label, kind: "type", detail: "type", documentation }));
}

function argumentItems(call: OpenPart | undefined): Completion[] {
  const record = call === undefined ? undefined : findFunction(call.name);
  if (call === undefined || record === undefined) return [];
  const free = signatureOf(record).parameters.filter(
    ({ name, variadic }) => !variadic && !call.keywords.includes(name),
  );
  // Optional ones can only be given by name.
  const optionalFirst = [...free].sort((a, b) => Number(a.default === undefined) - Number(b.default === undefined));
  return optionalFirst.map(({ name, typeText, default: value }) => ({
    label: `${name} = `,
    kind: "argument",
    detail: `${typeText}${value === undefined ? "" : ` = ${value.text}`}`,
    documentation: record.parameters[name] ?? "",
  }));
}

let functions: readonly Completion[] | undefined;

function functionItems(): Completion[] {
  functions ??= allFunctions().map(functionItem);
  return [...functions];
}

function functionItem({ name, signature, summary }: FunctionRecord): Completion {
  return { label: name, kind: "function", detail: signature, documentation: summary };
}

function operatorItems(open: readonly OpenPart[]): Completion[] {
  const inLet = open.at(-1)?.kind === "let";
  return keywords([...(inLet ? ["in", "let"] : []), "and", "or", "as"]);
}

const KEYWORD_TEXTS: Readonly<Record<string, string>> = {
  let: "Names a value: let name = value in ...",
  in: "Ends the names of let; what follows can use them.",
  and: "True where both sides are true.",
  or: "True where one of the sides is true.",
  as: "Converts what is on its left to a type.",
  true: "",
  false: "",
  null: "The value that is missing.",
};

function keywords(words: readonly string[]): Completion[] {
  return words.map((label) => ({
    label,
    kind: "keyword",
    detail: "keyword",
    documentation: KEYWORD_TEXTS[label] ?? "",
  }));
}
