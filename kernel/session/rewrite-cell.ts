import type {
  AnyNode,
  ExpressionStatement,
  ForOfStatement,
  ImportDeclaration,
  ModuleDeclaration,
  Statement,
} from "acorn";
import type { SessionName, SessionNames } from "./names.ts";
import type { ParsedCell } from "./parse-cell.ts";
import { type Edit, RewrittenText } from "./rewritten-text.ts";
import { findScopes, type Mention, type Scopes } from "./scopes.ts";

/** The global through which rewritten cells reach the session; see `cell-globals.ts`. */
export const CELL_GLOBAL = "__fenl__";

/** A cell as the text that V8 evaluates. */
export interface RewrittenCell {
  readonly code: string;
  readonly declared: readonly SessionName[];
  /** The offset in the cell as typed, of an offset in `code`. */
  toSource(offset: number): number;
}

/** What a cell can use without importing it, as in CommonJS. */
const FREE_NAMES = new Set(["require", "__dirname", "__filename"]);

/**
 * Makes a cell ready for evaluation: declarations become `let`s that later cells can declare again, names that the
 * whole process shares become private, imports become awaited calls, what follows an `await` is not reached once the cell was stopped, and the last
 * expression is handed over as the value.
 * @param evaluation the number under which the value is handed over, and the cell may be stopped.
 */
export function rewriteCell(cell: ParsedCell, names: SessionNames, evaluation: number): RewrittenCell {
  const rewriter = new CellRewriter(cell, names, findScopes(cell.program), evaluation);
  const { text, declared } = rewriter.rewrite();
  // What is kept of every cell must not keep its syntax tree.
  const { toSource } = cell;
  return { code: text.text, declared, toSource: (offset) => toSource(text.sourceOffset(offset)) };
}

interface FunctionNode {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

class CellRewriter {
  readonly #cell: ParsedCell;
  readonly #scopes: Scopes;
  readonly #names: SessionNames;
  readonly #evaluation: number;
  readonly #declared = new Map<string, SessionName>();
  readonly #edits: Edit[] = [];
  readonly #moved: FunctionNode[] = [];
  readonly #imports: (ImportDeclaration | ModuleDeclaration)[] = [];
  /** Mentions that other edits take care of, by where they start. */
  readonly #handled = new Set<number>();

  constructor(cell: ParsedCell, names: SessionNames, scopes: Scopes, evaluation: number) {
    this.#cell = cell;
    this.#evaluation = evaluation;
    this.#names = names;
    this.#scopes = scopes;
    for (const [name, kind] of scopes.declarations) this.#declared.set(name, names.plan(name, kind));
  }

  rewrite(): { text: RewrittenText; declared: SessionName[] } {
    const { body } = this.#cell.program;
    const implicit = this.#declareAssigned(body);
    // Of edits at one place the first given comes first, and what ends innermost must come first.
    this.#closeAwaits();
    const last = body.at(-1);
    if (last?.type === "ExpressionStatement" && !this.#cell.endsInSemicolon) this.#handOver(last);
    this.#openAwaits();
    for (const statement of body) this.#visitTopLevel(statement);
    this.#rewriteVars();
    this.#rewriteImportForms();
    for (const mention of this.#scopes.mentions) this.#rewriteMention(mention);
    const text = this.#assemble(implicit);
    // A translation brings functions of its own, which are no business of the user's.
    const declared = [...this.#declared.values()].filter(({ name }) => this.#cell.source.includes(name));
    return { text, declared };
  }

  /** `x = 1` at the top level declares x, as people expect of a notebook. */
  #declareAssigned(body: readonly (Statement | ModuleDeclaration)[]): string[] {
    const ranges: AnyNode[] = [];
    for (const statement of body) {
      let node: AnyNode = statement.type === "ExpressionStatement" ? statement.expression : statement;
      for (; node.type === "AssignmentExpression" && node.operator === "="; node = node.right) ranges.push(node.left);
    }
    const implicit: string[] = [];
    for (const { name, role, start, end } of this.#scopes.mentions) {
      const known = this.#declared.has(name) || this.#names.get(name) !== undefined || isUserGlobal(name);
      if (known || role !== "target" || !ranges.some((range) => range.start <= start && end <= range.end)) continue;
      this.#declared.set(name, this.#names.plan(name, "let"));
      implicit.push(name);
    }
    return implicit;
  }

  #handOver(last: ExpressionStatement): void {
    const { start } = last;
    const { end } = last.expression;
    // The statement may begin with a parenthesis that the expression does not count as its own.
    const closing = this.#cell.code.slice(end, last.end).includes(")") ? last.end : end;
    this.#edits.push({ start, end: start, text: `${CELL_GLOBAL}.value(${this.#evaluation},(` });
    this.#edits.push({ start: closing, end: closing, text: "))" });
  }

  /** An `await` of a cell that the user has stopped never comes back: nobody else can end what goes on by itself. */
  #openAwaits(): void {
    for (const { node, inFunction } of this.#scopes.awaits) {
      const { body } = node as ForOfStatement;
      if (node.type === "AwaitExpression") {
        this.#edits.push({ start: node.start, end: node.start, text: `await ${CELL_GLOBAL}.goOn(` });
      } else if (body.type === "BlockStatement") {
        const text = `await ${this.#goOn("0", inFunction)};`;
        this.#edits.push({ start: body.start + 1, end: body.start + 1, text });
      } else {
        this.#edits.push({
          start: body.start,
          end: body.start,
          text: `{ await ${this.#goOn("0", inFunction)}; `,
        });
      }
    }
  }

  #closeAwaits(): void {
    for (const { node, inFunction } of this.#scopes.awaits.toReversed()) {
      if (node.type === "AwaitExpression") {
        this.#edits.push({ start: node.end, end: node.end, text: `, ${this.#stopNumber(inFunction)})` });
      } else if (node.body.type !== "BlockStatement") {
        this.#edits.push({ start: node.end, end: node.end, text: " }" });
      }
    }
  }

  #goOn(value: string, inFunction: boolean): string {
    return `${CELL_GLOBAL}.goOn(${value}, ${this.#stopNumber(inFunction)})`;
  }

  /** A function may be called by any cell, which is found when it runs. */
  #stopNumber(inFunction: boolean): number {
    return inFunction ? 0 : this.#evaluation;
  }

  #visitTopLevel(statement: Statement | ModuleDeclaration): void {
    switch (statement.type) {
      case "ImportDeclaration":
      case "ExportAllDeclaration":
        this.#imports.push(statement);
        return;
      case "ExportNamedDeclaration":
        if (statement.declaration != null) {
          this.#edits.push({ start: statement.start, end: statement.declaration.start, text: "" });
          this.#visitTopLevel(statement.declaration);
        } else if (statement.source != null) this.#imports.push(statement);
        else this.#edits.push({ start: statement.start, end: statement.end, text: ";" });
        return;
      case "ExportDefaultDeclaration": {
        const { declaration } = statement;
        const named = declaration.type.endsWith("Declaration") && "id" in declaration && declaration.id != null;
        this.#edits.push({ start: statement.start, end: declaration.start, text: named ? "" : "(" });
        if (named) this.#visitTopLevel(declaration as Statement);
        else this.#edits.push({ start: declaration.end, end: declaration.end, text: ")" });
        return;
      }
      case "FunctionDeclaration":
        this.#moved.push({ start: statement.start, end: statement.end, name: statement.id.name });
        this.#edits.push({ start: statement.id.start, end: statement.id.end, text: "" });
        this.#handled.add(statement.id.start);
        return;
      case "ClassDeclaration": {
        this.#handled.add(statement.id.start);
        const { name, storage } = this.#declared.get(statement.id.name)!;
        if (storage === name) return;
        this.#edits.push({ start: statement.start, end: statement.start, text: `let ${storage} = ` });
        this.#edits.push({ start: statement.end, end: statement.end, text: ";" });
        return;
      }
      case "VariableDeclaration":
        if (statement.kind === "const") {
          this.#edits.push({ start: statement.start, end: statement.start + "const".length, text: "let" });
        }
        if (statement.kind === "const" || statement.kind === "let") this.#keepFunctionNames(statement.declarations);
    }
  }

  /** A function without a name takes that of its variable, which must be the one that the user wrote. */
  #keepFunctionNames(declarators: Extract<AnyNode, { type: "VariableDeclaration" }>["declarations"]): void {
    for (const { id, init } of declarators) {
      if (id.type !== "Identifier" || init == null) continue;
      const anonymous =
        init.type === "ArrowFunctionExpression" ||
        ((init.type === "FunctionExpression" || init.type === "ClassExpression") && init.id == null);
      if (!anonymous || this.#declared.get(id.name)!.storage === id.name) continue;
      const key = JSON.stringify(id.name);
      this.#edits.push({ start: init.start, end: init.start, text: `({[${key}]: ` });
      this.#edits.push({ start: init.end, end: init.end, text: `})[${key}]` });
    }
  }

  /** The variables are declared at the top of the text; here remain their assignments. */
  #rewriteVars(): void {
    for (const [node, place] of this.#scopes.vars) {
      const [first] = node.declarations;
      const patterns = place !== "for-head";
      const opensWithPattern = patterns && first!.id.type !== "Identifier";
      const separator = opensWithPattern && place === "statement" ? ";" : "";
      this.#edits.push({ start: node.start, end: first!.start, text: separator });
      for (const { id, start, end } of node.declarations) {
        if (!patterns || id.type === "Identifier") continue;
        this.#edits.push({ start, end: start, text: "(" });
        this.#edits.push({ start: end, end, text: ")" });
      }
    }
  }

  #rewriteImportForms(): void {
    for (const node of this.#scopes.importForms) {
      if (node.type === "MetaProperty") {
        this.#edits.push({ start: node.start, end: node.end, text: `${CELL_GLOBAL}.meta` });
      } else {
        const end = node.start + "import".length;
        this.#edits.push({ start: node.start, end, text: `${CELL_GLOBAL}.dynamicImport` });
      }
    }
  }

  #rewriteMention({ name, start, end, role, shorthand }: Mention): void {
    if (this.#handled.has(start)) return;
    const entry = this.#declared.get(name) ?? this.#names.get(name);
    const forgotten = entry === undefined && !(name in globalThis) ? this.#names.forgotten(name) : null;
    let text = entry?.storage ?? forgotten ?? name;
    if (entry === undefined && role === "read" && FREE_NAMES.has(name)) text = `${CELL_GLOBAL}.${name}`;
    if (entry?.constant === true && role === "target") text = `${CELL_GLOBAL}.constants.${name}`;
    if (text !== name) this.#edits.push({ start, end, text: shorthand ? `${name}: ${text}` : text });
  }

  #assemble(implicit: readonly string[]): RewrittenText {
    const { code } = this.#cell;
    const text = new RewrittenText(code, this.#edits);
    text.add('"use strict";');
    const plain = [...implicit];
    for (const [name, kind] of this.#scopes.declarations) if (kind === "var") plain.push(name);
    if (plain.length > 0) text.add(`let ${plain.map((name) => this.#declared.get(name)!.storage).join(", ")};`);
    for (const { start, end, name } of this.#moved) {
      const key = JSON.stringify(name);
      text.add(`let ${this.#declared.get(name)!.storage} = ({[${key}]: `, start);
      text.copy(start, end);
      text.add(`})[${key}];`, start);
    }
    for (const declaration of this.#imports) this.#addImport(text, declaration);
    text.copy(0, code.length, [...this.#moved, ...this.#imports]);
    text.add("\n;void 0", code.length);
    return text;
  }

  #addImport(text: RewrittenText, declaration: ImportDeclaration | ModuleDeclaration): void {
    if (!("source" in declaration) || declaration.source == null) return;
    const specifier = JSON.stringify(String(declaration.source.value));
    const parts: string[] = [];
    const needed: string[] = [];
    let namespace: string | null = null;
    for (const item of declaration.type === "ImportDeclaration" ? declaration.specifiers : []) {
      const { storage } = this.#declared.get(item.local.name)!;
      this.#handled.add(item.local.start);
      if (item.type === "ImportNamespaceSpecifier") {
        namespace = storage;
        continue;
      }
      const imported =
        item.type === "ImportDefaultSpecifier"
          ? "default"
          : item.imported.type === "Identifier"
            ? item.imported.name
            : String(item.imported.value);
      parts.push(`[${JSON.stringify(imported)}]: ${storage}`);
      needed.push(`[${JSON.stringify(imported)}]: ${JSON.stringify(this.#needFor(item.local.name))}`);
    }
    const imported = `await ${CELL_GLOBAL}.import(${specifier}, {${needed.join(", ")}})`;
    const call = `await ${this.#goOn(imported, false)}`;
    const pattern = parts.length > 0 ? `{${parts.join(", ")}}` : null;
    const { start } = declaration;
    if (namespace !== null) {
      text.add(`let ${namespace} = ${call};`, start);
      if (pattern !== null) text.add(`let ${pattern} = ${namespace};`, start);
    } else text.add(pattern === null ? `${call};` : `let ${pattern} = ${call};`, start);
  }

  /** How much a cell needs an import to exist: only its uses as a value do, and types are gone by now. */
  #needFor(local: string): ImportNeed {
    const uses = this.#scopes.mentions.filter(({ name, role }) => name === local && role !== "declaration");
    if (uses.length > 0) return "value";
    const mentioned = this.#cell.source.split(/[^\p{ID_Continue}$]+/u).filter((word) => word === local).length;
    return mentioned > 1 ? "type" : "unused";
  }
}

/** How a cell uses an imported name: as a value, in its types alone, or not at all. */
export type ImportNeed = "value" | "type" | "unused";

function isUserGlobal(name: string): boolean {
  return name in globalThis && !firstGlobals.has(name);
}

const firstGlobals: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(globalThis));
