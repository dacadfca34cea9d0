import { literalText, nanosecondsText, shortTypeName } from "../analyze/explain-typed.ts";
import { alignColumns } from "../text/columns.ts";
import { typeName } from "../values/fenl-type.ts";
import { explainStage } from "./explain-stage.ts";
import type { Domain, DomainId, Plan, PlanWindow, Value, ValueId } from "./plan.ts";
import type { Stage } from "./stages.ts";

/**
 * A plan as a listing: row sets (`r0`), the values on them (`v0`), lookups (`l0`), the result, and the stages that
 * compute them. Only what a stage computes is listed; the numbers are those of the stages' WebAssembly.
 */
export function explainPlan(plan: Plan, stages: readonly Stage[]): string {
  const domains = used(stages, (stage) => stage.domains);
  const values = used(stages, (stage) => stage.values);
  const sections = [
    `rows\n${alignColumns(
      domains.map((id) => [rowsName(id), domainText(plan.domains[id]!)]),
      "  ",
    )}`,
    `values\n${alignColumns(
      values.map((id) => valueCells(plan, id)),
      "  ",
    )}`,
    ...lookupSection(plan),
    resultSection(plan),
    ...stages.map((stage) => explainStage(plan, stage)),
  ];
  return sections.join("\n");
}

/** How listings call a row set. */
export function rowsName(id: DomainId): string {
  return `r${id}`;
}

/** How listings call a value. */
export function valueName(id: ValueId): string {
  return `v${id}`;
}

function used(stages: readonly Stage[], idsOf: (stage: Stage) => readonly number[]): number[] {
  return [...new Set(stages.flatMap((stage) => [...idsOf(stage)]))].sort((a, b) => a - b);
}

function domainText(domain: Domain): string {
  switch (domain.kind) {
    case "scan":
      return `events of ${domain.table}${domain.sliced ? "" : ", all entities"}`;
    case "merge":
      return `${domain.inputs.map(rowsName).join(" and ")}, merged`;
    case "select":
      return `${rowsName(domain.input)} where ${valueName(domain.condition)}`;
    case "tick":
      return domain.unit === "finished"
        ? `the end of ${rowsName(domain.of)}`
        : `${domain.unit} ticks of ${rowsName(domain.of)}`;
    case "shift":
      return domain.mode === "to"
        ? `${rowsName(domain.input)} moved to the time ${valueName(domain.by)}`
        : `${rowsName(domain.input)} moved to the next row where ${valueName(domain.by)}`;
    case "rekey":
      return `${rowsName(domain.input)} under the entity ${valueName(domain.key)}${domain.sliced ? "" : ", all entities"}`;
    case "request":
      return `what l${domain.lookup} asks of other entities`;
  }
}

function valueCells(plan: Plan, id: ValueId): string[] {
  const value = plan.values[id]!;
  const place =
    value.domain === null ? "on every row" : `${value.continuous ? "from" : "on"} ${rowsName(value.domain)}`;
  return [valueName(id), valueText(value), `: ${shortTypeName(value.type)}`, place];
}

function names(ids: readonly ValueId[]): string {
  return ids.map(valueName).join(", ");
}

function valueText(value: Value): string {
  switch (value.kind) {
    case "literal":
      return literalText(value.value, value.type);
    case "column":
      return `column ${value.column}`;
    case "time":
      return "time of the row";
    case "present":
      return "has the row";
    case "call":
      return `${value.function}(${names(value.arguments)})`;
    case "cast":
      return `${valueName(value.argument)} as ${shortTypeName(value.type)}`;
    case "member":
      return `json(${valueName(value.argument)}).${value.name}`;
    case "items":
      return `${valueName(value.argument)}, field ${value.index} of each item`;
    case "tuple":
      return `record(${names(value.arguments)}) if ${valueName(value.test)}`;
    case "part":
      return `field ${value.index} of ${valueName(value.argument)}`;
    case "if":
      return `${valueName(value.argument)} if ${value.negated ? "not " : ""}${valueName(value.condition)}`;
    case "choose":
      return value.arguments
        .map((argument, i) => `${valueName(argument)} if ${valueName(value.tests[i]!)}`)
        .join(", else ");
    case "is_valid":
      return `is_valid(${valueName(value.argument)})`;
    case "any":
      return value.arguments.map(valueName).join(" or ");
    case "all":
      return value.arguments.map(valueName).join(" and ");
    case "sample":
      return `${valueName(value.argument)} as of the row`;
    case "hash":
      return `hash(${names(value.arguments)})`;
    case "aggregate":
      return aggregateText(value);
    case "stored":
      return `${valueName(value.argument)} as stored`;
    case "answer":
      return `answer ${value.part} of l${value.lookup}`;
  }
}

function aggregateText(value: Extract<Value, { kind: "aggregate" }>): string {
  const constants = value.constants.map((constant) => literalText(constant.value, constant.type));
  const given = [...constants, valueName(value.argument)];
  if (value.window !== null) given.push(windowText(value.window));
  const there = value.test === null ? "" : ` if ${valueName(value.test)}`;
  const isNew = value.isNew === null ? "never new" : `new where ${valueName(value.isNew)}`;
  return `${value.function}(${given.join(", ")})${there}, ${isNew}`;
}

function windowText(window: PlanWindow): string {
  switch (window.kind) {
    case "since":
      return `since ${valueName(window.condition)}`;
    case "sliding":
      return `sliding ${window.count}, ${valueName(window.condition)}`;
    case "within":
      return `within ${nanosecondsText(window.nanoseconds)}`;
  }
}

function lookupSection(plan: Plan): string[] {
  if (plan.lookups.length === 0) return [];
  const rows = plan.lookups.map(({ key, domain, parts }, id) => {
    const asked = parts.map(({ value, exact }) => `${valueName(value)}${exact ? " at that very row" : ""}`);
    return [`l${id}`, `${rowsName(domain)} ask the entity ${valueName(key)} for ${asked.join(", ")}`];
  });
  return [`lookups\n${alignColumns(rows, "  ")}`];
}

function resultSection({ result }: Plan): string {
  const rows = result.fields.map(({ name, type, value }) => [name, valueName(value), `: ${shortTypeName(type)}`]);
  return `result on ${rowsName(result.domain)}, for entities of key type ${typeName(result.keyType)}\n${alignColumns(rows, "  ")}`;
}
