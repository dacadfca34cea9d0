import { CODES, type Code } from "../text/codes.ts";
import type { Diagnostic, Label, Severity } from "../text/diagnostic.ts";
import { nearest } from "../text/nearest.ts";
import type { Span } from "../text/span.ts";
import { type FenlType, typeName } from "../values/fenl-type.ts";

function primary(span: Span, message = ""): Label {
  return { style: "primary", span, message };
}

function secondary(span: Span, message = ""): Label {
  return { style: "secondary", span, message };
}

/** A value whose type matters to a diagnostic. */
interface TypedPlace {
  readonly span: Span;
  readonly type: FenlType;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(", ");
}

/** The names nearest to `name`, as a note; `none` where there are no candidates. */
function nearestNote(heading: string, name: string, candidates: Iterable<string>, none: string): string {
  const names = nearest(name, new Set(candidates));
  return names.length === 0 ? none : `${heading}: ${quoted(names)}`;
}

/** Collects the diagnostics of one analysis; a method for each thing that can be wrong. */
export class Report {
  private readonly unused: Diagnostic[] = [];
  private readonly others: Diagnostic[] = [];

  /** Warnings of unused bindings come first, the rest in order of discovery. */
  get diagnostics(): Diagnostic[] {
    return [...this.unused, ...this.others];
  }

  get failed(): boolean {
    return this.others.some(({ severity }) => severity !== "warning");
  }

  addAll(diagnostics: readonly Diagnostic[]): void {
    this.others.push(...diagnostics);
  }

  private add(code: Code, labels: readonly Label[], notes: readonly string[] = [], severity: Severity = "error"): void {
    const message = code === "W2001" && severity === "error" ? "Incompatible grouping" : CODES[code];
    this.others.push({ code, severity, message, labels, notes });
  }

  private addUnused(label: Label): void {
    this.unused.push({ code: "W2001", severity: "warning", message: CODES.W2001, labels: [label], notes: [] });
  }

  unusedBinding(nameSpan: Span, name: string): void {
    this.addUnused(primary(nameSpan, `Unused binding '${name}'`));
  }

  unusedInput(barSpan: Span): void {
    this.addUnused(primary(barSpan, "Left-hand side of pipe not used"));
  }

  unknownField(nameSpan: Span, name: string, fields: readonly string[]): void {
    const note = nearestNote("Nearest fields", name, fields, "No fields available on base record");
    this.add("E0001", [primary(nameSpan, `No field named '${name}'`)], [note]);
  }

  noFields(base: TypedPlace): void {
    this.add("E0001", [primary(base.span, `No fields for non-record base type ${typeName(base.type)}`)]);
  }

  illegalCast(typeSpan: Span, target: string, from: FenlType): void {
    this.add("E0002", [primary(typeSpan, `Unable to cast to type '${target}'`)], [`From type ${typeName(from)}`]);
  }

  collectBounds(minSpan: Span, min: string, max: string): void {
    this.add("E0002", [primary(minSpan, `min '${min}' must be less than or equal to max '${max}'`)]);
  }

  illegalFormulaName(name: string): void {
    this.add("E0003", [], [`Formula name '${name}' is not a legal identifier.`]);
  }

  formulaDefinedTwice(name: string, first: number, second: number): void {
    this.add("E0004", [], [`Formula name '${name}' is defined at index ${first} and again at ${second}.`]);
  }

  formulaNamedAsTable(name: string): void {
    this.add("E0004", [], [`Formula name '${name}' is the name of a table.`]);
  }

  unboundName(span: Span, name: string, candidates: Iterable<string>): void {
    const note = nearestNote("Nearest matches", name, candidates, "No formulas, tables, or let-bound names available");
    this.add("E0006", [primary(span, `No reference named '${name}'`)], [note]);
  }

  unknownParameter(span: Span, name: string, candidates: Iterable<string>): void {
    const names = [...candidates].map((candidate) => `$${candidate}`);
    const note = nearestNote("Nearest parameters", `$${name}`, names, "No parameters were given with the query");
    this.add("E0006", [primary(span, `No parameter named '$${name}'`)], [note]);
  }

  unboundInput(span: Span): void {
    this.add("E0006", [primary(span, "No reference named '$input'")], ["'$input' is the left-hand side of a pipe '|'"]);
  }

  unboundImplicitInput(functionSpan: Span, functionName: string, parameter: string): void {
    const note = `'${functionName}' needs an argument for '${parameter}', and there is no pipe to take it from`;
    this.add("E0006", [primary(functionSpan, "No reference named '$input'")], [note]);
  }

  unknownFunction(span: Span, name: string, functions: Iterable<string>): void {
    const note = nearestNote("Nearest matches", name, functions, "No functions available");
    this.add("E0007", [primary(span, `No function named '${name}'`)], [note]);
  }

  positionalAfterKeyword(positional: Span, keyword: Span): void {
    this.add("E0008", [
      primary(positional, "positional appears after keyword"),
      secondary(keyword, "first keyword was here"),
    ]);
  }

  positionalAndKeyword(positional: Span, keyword: Span): void {
    this.add("E0008", [primary(positional, "positional occurrence"), secondary(keyword, "keyword was here")]);
  }

  wrongArgumentCount(span: Span, expected: number, got: number): void {
    this.add("E0008", [primary(span, "First unexpected argument")], [`Expected ${expected} but got ${got}`]);
  }

  positionalOptional(span: Span, parameter: string): void {
    const message = `Parameter '${parameter}' with default value must be keyword argument, but was positional`;
    this.add("E0008", [primary(span, message)]);
  }

  wrongKeyword(functionSpan: Span, keyword: string, parameters: readonly string[]): void {
    const note = nearestNote("Nearest matches", keyword, parameters, "No parameters to name");
    this.add("E0008", [primary(functionSpan)], [note]);
  }

  emptyRecord(span: Span): void {
    this.add("E0008", [primary(span, "Record must be non-empty")]);
  }

  tooManyFields(span: Span, most: number): void {
    this.add("E0008", [primary(span, `Record has more than ${most} fields`)]);
  }

  removedAllFields(functionSpan: Span): void {
    this.add("E0008", [primary(functionSpan, "Removed all fields from input record.")]);
  }

  nullFieldName(span: Span, functionName: string): void {
    const message = `Argument 'field' to '${functionName}' must be constant non-null string, but was null`;
    this.add("E0008", [primary(span, message)]);
  }

  ungroupedLookup(span: Span, what: "key" | "value"): void {
    this.add("E0008", [primary(span, `Invalid un-grouped foreign ${what} for lookup.`)]);
  }

  illegalConstant(span: Span, parameter: string, functionName: string, rule: string, actual: string): void {
    this.add("E0008", [primary(span, `Argument '${parameter}' to '${functionName}' ${rule}, but was ${actual}`)]);
  }

  duplicateField(name: string, spans: readonly Span[]): void {
    this.add(
      "E0009",
      spans.map((span, index) =>
        index === 0 ? primary(span, `Field '${name}' defined multiple times`) : secondary(span),
      ),
    );
  }

  wrongParameterType(
    call: { readonly span: Span; readonly name: string },
    parameter: string,
    actual: TypedPlace,
    expected: { readonly span: Span; readonly text: string },
  ): void {
    this.add("E0010", [
      primary(call.span, `Invalid types for parameter '${parameter}' in call to '${call.name}'`),
      secondary(actual.span, `Actual type: ${typeName(actual.type)}`),
      secondary(expected.span, `Expected type: ${expected.text}`),
    ]);
  }

  wrongTypeClass(
    call: { readonly span: Span; readonly name: string },
    values: readonly TypedPlace[],
    expected: string,
  ) {
    this.add(
      "E0010",
      [
        primary(call.span, `Invalid types for call to '${call.name}'`),
        ...values.map(({ span, type }) => secondary(span, `Type: ${typeName(type)}`)),
      ],
      [`Expected '${expected}'`],
    );
  }

  invalidFieldType(span: Span, field: string, type: FenlType): void {
    this.add("E0010", [primary(span, `Field '${field}' has invalid type ${typeName(type)}`)]);
  }

  /** The same for a field whose expression may be unknown. */
  invalidOutputType(span: Span | null, field: string, type: FenlType): void {
    if (span !== null) this.invalidFieldType(span, field, type);
    else this.add("E0010", [], [`Field '${field}' has invalid type ${typeName(type)}`]);
  }

  extendNonRecord(place: TypedPlace, parameter: string): void {
    const message = `${parameter} argument to extend must be record, but was ${typeName(place.type)}`;
    this.add("E0010", [primary(place.span, message)]);
  }

  projectNonRecord(place: TypedPlace, functionName: string): void {
    const message = `Expected 'record' argument to '${functionName}' to be a struct, but was ${typeName(place.type)}`;
    this.add("E0010", [primary(place.span, message)]);
  }

  nonStringFieldName(place: TypedPlace, functionName: string): void {
    const message = `Argument 'field' to '${functionName}' must be string, but was ${typeName(place.type)}`;
    this.add("E0010", [primary(place.span, message)]);
  }

  wrongKeyType(key: TypedPlace, valueSpan: Span, grouping: string, expected: FenlType): void {
    this.add("E0010", [
      primary(key.span, `Actual key type ${typeName(key.type)}`),
      secondary(valueSpan, `Grouping '${grouping}' expects key type ${typeName(expected)}`),
    ]);
  }

  invalidKeyType(key: TypedPlace): void {
    this.add("E0010", [primary(key.span, `Invalid key type '${typeName(key.type)}'`)]);
  }

  invalidWindow(span: Span, functionName: string, supported: readonly string[]): void {
    const labels = [primary(span, `Invalid window function: '${functionName}'`)];
    this.add("E0010", labels, [`Supported windows: ${quoted(supported)}`]);
  }

  unsupportedWindow(span: Span, functionName: string, window: string): void {
    this.add("E0010", [primary(span, `Aggregation '${functionName}' does not support '${window}' windows`)]);
  }

  variableDuration(place: TypedPlace, functionName: string): void {
    const message = `Argument 'duration' to '${functionName}' must be a fixed length of time, but was ${typeName(place.type)}`;
    this.add("E0010", [primary(place.span, message)], ["Supported lengths: seconds, minutes, hours, days, weeks"]);
  }

  tooDeep(span: Span): void {
    this.add("E0011", [primary(span, "Expression is nested too deeply")], ["Name its parts with 'let'"]);
  }

  formulaCycle(edges: readonly { readonly span: Span; readonly from: string; readonly to: string }[]): void {
    this.add(
      "E0012",
      edges.map(({ span, from, to }) => primary(span, `Formula '${to}' referenced here in '${from}'`)),
    );
  }

  outputNotRecord(type: FenlType): void {
    this.add("E0013", [], [`Output type must be a record, but was ${typeName(type)}`]);
  }

  unsupportedOutput(span: Span | null, field: string, arrowType: string, advice: string): void {
    const message = `Output field '${field}' has unsupported output type '${arrowType}'.${advice}`;
    this.add("E0013", span === null ? [] : [primary(span, message)], span === null ? [message] : []);
  }

  notConstant(span: Span, parameter: string, functionName: string): void {
    this.add("E0014", [primary(span, `Argument '${parameter}' to '${functionName}' must be constant, but was not`)]);
  }

  notConstantFieldName(span: Span, functionName: string): void {
    const message = `Argument 'field' to '${functionName}' must be constant non-null string, but was not constant`;
    this.add("E0014", [primary(span, message)]);
  }

  incompatibleTypes(call: { readonly span: Span; readonly name: string }, values: readonly TypedPlace[]): void {
    this.add("E0015", [
      primary(call.span, `Incompatible types for call to '${call.name}'`),
      ...values.map(({ span, type }) => secondary(span, `Type: ${typeName(type)}`)),
    ]);
  }

  incompatibleTimeDomains(operation: Span, values: readonly { readonly span: Span; readonly label: string }[]): void {
    const labels = values.map(({ span, label }) => secondary(span, `Time Domain: ${label}`));
    this.add("W2000", [primary(operation, "Incompatible time domains for operation"), ...labels], [], "warning");
  }

  incompatibleGroupings(operation: Span, operationName: string, firstOf: ReadonlyMap<string, Span>): void {
    this.add("W2001", [
      primary(operation, `Incompatible grouping for operation '${operationName}'`),
      ...[...firstOf].map(([grouping, span]) => secondary(span, `Grouping: '${grouping}'`)),
    ]);
  }
}
