import type { Expression } from "../syntax/ast.ts";
import { parseFenl } from "../syntax/parse.ts";
import { QUERY_SOURCE, type Span } from "../text/span.ts";
import { type Analyzed, reported } from "./analyzed.ts";
import type { Report } from "./report.ts";

/** A named expression, called view by users. */
export interface Formula {
  readonly name: string;
  readonly expression: string;
}

const KEYWORDS: ReadonlySet<string> = new Set(["let", "in", "and", "or", "as", "const", "true", "false", "null"]);

function isIdentifier(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !KEYWORDS.has(name);
}

/** The name under which a formula's text appears in diagnostics. */
function sourceName(formula: Formula): string {
  return formula.name === QUERY_SOURCE ? `Formula: ${formula.name}` : formula.name;
}

/** False, reported, where a formula's name is no identifier or is taken; then no formula can be used. */
function namesAreLegal(report: Report, formulas: readonly Formula[], tables: ReadonlySet<string>): boolean {
  const first = new Map<string, number>();
  let legal = true;
  for (const [index, { name }] of formulas.entries()) {
    const before = first.get(name);
    if (!isIdentifier(name)) report.illegalFormulaName(name);
    else if (before !== undefined) report.formulaDefinedTwice(name, before, index);
    else if (tables.has(name)) report.formulaNamedAsTable(name);
    else {
      first.set(name, index);
      continue;
    }
    legal = false;
  }
  return legal;
}

interface Reference {
  readonly from: Formula | null;
  readonly to: Formula;
  readonly span: Span;
}

/** The formulas of an environment; each is analyzed when it is first used, so that unused ones report nothing. */
export class Formulas {
  private readonly byName: ReadonlyMap<string, Formula>;
  private readonly legal: boolean;
  private readonly values = new Map<Formula, Analyzed>();
  /** The formulas that are being analyzed, each by the reference that began it. */
  private readonly open: Reference[] = [];
  private readonly report: Report;
  private readonly sources: Record<string, string>;

  constructor(
    report: Report,
    sources: Record<string, string>,
    formulas: readonly Formula[],
    tables: ReadonlySet<string>,
  ) {
    this.report = report;
    this.sources = sources;
    this.byName = new Map(formulas.map((formula) => [formula.name, formula]));
    this.legal = namesAreLegal(report, formulas, tables);
  }

  get names(): string[] {
    return [...this.byName.keys()];
  }

  /** The value of a formula, used at `span`; null where there is none of that name. */
  value(name: string, span: Span, analyze: (expression: Expression) => Analyzed): Analyzed | null {
    const formula = this.byName.get(name);
    if (formula === undefined) return null;
    if (!this.legal) return reported(span);
    const known = this.values.get(formula);
    if (known !== undefined) return { ...known, span };
    const reference = { from: this.open.at(-1)?.to ?? null, to: formula, span };
    const begun = this.open.findIndex(({ to }) => to === formula);
    if (begun >= 0) {
      this.reportCycle([...this.open.slice(begun + 1), reference]);
      return reported(span);
    }
    this.open.push(reference);
    const source = sourceName(formula);
    this.sources[source] = formula.expression;
    const { expression, diagnostics } = parseFenl(formula.expression, source);
    this.report.addAll(diagnostics);
    const value = expression === null ? reported(span) : analyze(expression);
    this.open.pop();
    this.values.set(formula, value);
    return { ...value, span };
  }

  private reportCycle(references: readonly Reference[]): void {
    this.report.formulaCycle(
      references.map(({ from, to, span }) => ({ span, from: from?.name ?? QUERY_SOURCE, to: to.name })),
    );
  }
}
