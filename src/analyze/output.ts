import type { Span } from "../text/span.ts";
import type { FenlType, RecordField } from "../values/fenl-type.ts";
import type { Analyzed } from "./analyzed.ts";
import type { Context } from "./context.ts";
import type { NodeId } from "./typed.ts";

const ARROW_NAMES: ReadonlyMap<string, string> = new Map([
  ["duration_s", "Duration(Second)"],
  ["duration_ms", "Duration(Millisecond)"],
  ["duration_us", "Duration(Microsecond)"],
  ["duration_ns", "Duration(Nanosecond)"],
  ["interval_days", "Interval(DayTime)"],
  ["interval_months", "Interval(YearMonth)"],
]);

/** The expression that makes field `name` of a record, null where the record comes from elsewhere as a whole. */
function makerOfField(context: Context, record: NodeId, name: string): NodeId | null {
  let id = record;
  while (id >= 0) {
    const node = context.nodes.at(id);
    switch (node.kind) {
      case "record":
        return node.fields.find((field) => field.name === name)?.value ?? null;
      case "extend": {
        const { type } = context.nodes.at(node.extension);
        id = type.kind === "record" && type.fields.some((field) => field.name === name) ? node.extension : node.base;
        break;
      }
      case "project":
        id = node.base;
        break;
      case "field": {
        const base = makerOfField(context, node.base, node.name);
        if (base === null) return null;
        id = base;
        break;
      }
      case "call": {
        const value = node.arguments.find((argument) => context.nodes.at(argument).type.kind === "record");
        if (value === undefined) return null;
        id = value;
        break;
      }
      default:
        return null;
    }
  }
  return null;
}

/** The part of a type that cannot be written, with what contains it. */
function unsupported(type: FenlType): { readonly type: string; readonly advice: string } | null {
  const arrow = ARROW_NAMES.get(type.kind);
  if (arrow !== undefined) return { type: arrow, advice: " Try adding 'as i64'" };
  const inner = type.kind === "list" ? unsupported(type.item) : type.kind === "map" ? unsupported(type.value) : null;
  return inner && { type: `${type.kind === "list" ? "List" : "Map"}(${inner.type})`, advice: "" };
}

function checkFields(context: Context, fields: readonly RecordField[], record: NodeId, path: string): void {
  for (const { name, type } of fields) {
    const maker = record < 0 ? null : makerOfField(context, record, name);
    const span: Span | null = maker === null || maker < 0 ? null : context.nodes.at(maker).span;
    const bad = unsupported(type);
    if (bad !== null) {
      context.report.unsupportedOutput(span, path + name, bad.type, bad.advice);
    } else if (type.kind === "json") {
      context.report.invalidOutputType(span, path + name, type);
    } else if (type.kind === "record") {
      checkFields(context, type.fields, maker ?? -1, `${path}${name}.`);
    }
  }
}

/** Reports what keeps a query's value from being a result (the language reference, 6.4). */
export function checkOutput(context: Context, value: Analyzed): void {
  if (value.type.kind === "record") checkFields(context, value.type.fields, value.node, "");
  else if (value.type.kind !== "error") context.report.outputNotRecord(value.type);
}
