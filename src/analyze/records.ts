import type { RecordExpression } from "../syntax/ast.ts";
import type { Span } from "../text/span.ts";
import type { FenlType, RecordField } from "../values/fenl-type.ts";
import { type Analyzed, isReported, reported } from "./analyzed.ts";
import type { Context } from "./context.ts";
import { argumentOf, type FunctionCall, roleOf } from "./function-call.ts";
import { combineGroupings } from "./grouping.ts";
import { combineDomains } from "./time-domain.ts";

function hasDuplicateFields(context: Context, expression: RecordExpression): boolean {
  const spansOf = new Map<string, Span[]>();
  for (const { name, nameSpan } of expression.fields) spansOf.set(name, [...(spansOf.get(name) ?? []), nameSpan]);
  const duplicates = [...spansOf].filter(([, spans]) => spans.length > 1);
  for (const [name, spans] of duplicates) context.report.duplicateField(name, spans);
  return duplicates.length > 0;
}

/** More fields than this, counted through nested records, are refused: naming a record twice doubles its fields. */
const MOST_FIELDS = 10_000;

const sizes = new WeakMap<FenlType, number>();

/** How many fields a type has, those of nested records included. */
function sizeOf(type: FenlType): number {
  if (type.kind === "list") return sizeOf(type.item);
  if (type.kind === "map") return sizeOf(type.key) + sizeOf(type.value);
  if (type.kind !== "record") return 1;
  let size = sizes.get(type);
  if (size === undefined) {
    size = type.fields.reduce((sum, field) => sum + sizeOf(field.type), 0);
    sizes.set(type, size);
  }
  return size;
}

/** A record literal; `values` are those of its fields, in order. */
export function recordOf(context: Context, expression: RecordExpression, values: readonly Analyzed[]): Analyzed {
  const { span } = expression;
  if (expression.fields.length === 0) {
    context.report.emptyRecord(span);
    return reported(span);
  }
  if (hasDuplicateFields(context, expression)) return reported(span);
  const fields = expression.fields.map(({ name }, index) => {
    const value = values[index] ?? reported(span);
    if (value.type.kind !== "window") return { name, value };
    context.report.invalidFieldType(value.span, name, value.type);
    return { name, value: reported(value.span) };
  });
  const members = fields.map(({ value }) => value);
  const grouping = combineGroupings(context, span, "record creation", members);
  const domain = combineDomains(context, span, members);
  const type: FenlType = { kind: "record", fields: fields.map(({ name, value }) => ({ name, type: value.type })) };
  if (sizeOf(type) > MOST_FIELDS) {
    context.report.tooManyFields(span, MOST_FIELDS);
    return reported(span);
  }
  const node = context.nodes.add(
    { kind: "record", fields: fields.map(({ name, value }) => ({ name, value: value.node })) },
    type,
    span,
    grouping ?? null,
  );
  return { node, type, span, origin: span, grouping, domain };
}

function fieldType(context: Context, base: Analyzed, type: FenlType, name: string, nameSpan: Span): FenlType | null {
  if (type.kind === "json") return { kind: "string" };
  if (type.kind === "list") {
    const item = type.item.kind === "record" ? fieldType(context, base, type.item, name, nameSpan) : null;
    if (item !== null || type.item.kind === "record") return item && { kind: "list", item };
  }
  if (type.kind !== "record") {
    context.report.noFields(base);
    return null;
  }
  const field = type.fields.find((candidate) => candidate.name === name);
  if (field === undefined) {
    const names = type.fields.map((candidate) => candidate.name);
    context.report.unknownField(nameSpan, name, names);
  }
  return field?.type ?? null;
}

/** `base.name`: of records, of the records of a list (a list then), and of JSON (a string then). */
export function fieldOf(context: Context, base: Analyzed, name: string, nameSpan: Span, span: Span): Analyzed {
  if (isReported(base)) return reported(span);
  const type = fieldType(context, base, base.type, name, nameSpan);
  if (type === null || type.kind === "error") return reported(span);
  const node = context.nodes.add({ kind: "field", base: base.node, name }, type, span, base.grouping ?? null);
  return { ...base, node, type, span, origin: span };
}

function applyExtend(context: Context, call: FunctionCall): Analyzed {
  const extension = argumentOf(call, "extension");
  const base = argumentOf(call, "base");
  let fits = true;
  for (const [value, parameter] of [
    [extension, "extension"],
    [base, "base"],
  ] as const) {
    if (value.type.kind === "record" || isReported(value)) continue;
    context.report.extendNonRecord(value, parameter);
    fits = false;
  }
  const grouping = combineGroupings(context, call.functionSpan, "record extension", [extension, base]);
  const domain = combineDomains(context, call.functionSpan, [extension, base]);
  if (!fits || extension.type.kind !== "record" || base.type.kind !== "record") return reported(call.span);
  const added = new Set(extension.type.fields.map(({ name }) => name));
  const kept = base.type.fields.filter(({ name }) => !added.has(name));
  const type: FenlType = { kind: "record", fields: [...extension.type.fields, ...kept] };
  const node = context.nodes.add(
    { kind: "extend", extension: extension.node, base: base.node },
    type,
    call.functionSpan,
    grouping ?? null,
  );
  return { node, type, span: call.span, origin: call.functionSpan, grouping, domain };
}

/** The field names that are the arguments after the record; null where one is wrong. */
function fieldNames(
  context: Context,
  call: FunctionCall,
  values: readonly Analyzed[],
  fields: readonly RecordField[],
): ReadonlySet<string> | null {
  const { report } = context;
  const names = new Set<string>();
  let fits = true;
  for (const value of values) {
    const constant = isReported(value) ? undefined : context.nodes.constant(value.node);
    if (typeof constant === "string" && fields.some(({ name }) => name === constant)) {
      names.add(constant);
      continue;
    }
    fits = false;
    if (isReported(value)) continue;
    if (constant === undefined) report.notConstantFieldName(value.span, call.record.name);
    else if (constant === null) report.nullFieldName(value.span, call.record.name);
    else if (typeof constant !== "string") report.nonStringFieldName(value, call.record.name);
    else {
      const known = fields.map(({ name }) => name);
      report.unknownField(value.span, constant, known);
    }
  }
  return fits ? names : null;
}

function applyProjection(context: Context, call: FunctionCall): Analyzed {
  const [first, ...rest] = call.parameters;
  const base = first?.values[0] ?? reported(call.span);
  if (isReported(base)) return reported(call.span);
  if (base.type.kind !== "record") {
    context.report.projectNonRecord(base, call.record.name);
    return reported(call.span);
  }
  const values = rest.flatMap(({ values: given }) => given);
  const names = fieldNames(context, call, values, base.type.fields);
  if (names === null) return reported(call.span);
  const keeps = roleOf(call.record) === "select_fields";
  const fields = base.type.fields.filter(({ name }) => names.has(name) === keeps);
  if (fields.length === 0) {
    context.report.removedAllFields(call.functionSpan);
    return reported(call.span);
  }
  const type: FenlType = { kind: "record", fields };
  const node = context.nodes.add(
    { kind: "project", base: base.node, fields: fields.map(({ name }) => name) },
    type,
    call.functionSpan,
    base.grouping ?? null,
  );
  return { ...base, node, type, span: call.span, origin: call.functionSpan };
}

/** A call of `extend`, `select_fields` or `remove_fields`. */
export function applyRecordFunction(context: Context, call: FunctionCall): Analyzed {
  return roleOf(call.record) === "extend" ? applyExtend(context, call) : applyProjection(context, call);
}
