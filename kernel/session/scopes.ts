import type {
  AnyNode,
  AwaitExpression,
  ForOfStatement,
  Identifier,
  ImportExpression,
  MetaProperty,
  Pattern,
  Program,
  VariableDeclaration,
} from "acorn";

/** How a cell's top level declares a name. */
export type DeclarationKind = "var" | "let" | "const" | "class" | "function" | "import";

/** A place where a cell names a variable that is not local to one of its functions or blocks. */
export interface Mention {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** `target`: it is assigned to. */
  readonly role: "declaration" | "target" | "read";
  /** `{name}` stands for `{name: name}`. */
  readonly shorthand: boolean;
}

/** What a cell declares for later cells, and where it mentions names of the session or of the globals. */
export interface Scopes {
  readonly declarations: ReadonlyMap<string, DeclarationKind>;
  readonly mentions: readonly Mention[];
  /** `var` declarations that belong to the top level, wherever they stand. */
  readonly vars: ReadonlyMap<VariableDeclaration, VarPlace>;
  /** `import(...)` and `import.meta`, wherever they stand. */
  readonly importForms: readonly (ImportExpression | MetaProperty)[];
  readonly awaits: readonly Await[];
}

/** `await` or `for await`, with whether it belongs to a function rather than to the top level. */
export interface Await {
  readonly node: AwaitExpression | ForOfStatement;
  readonly inFunction: boolean;
}

/** Where a `var` stands: a statement, the first part of `for (;;)`, or the head of `for ... of` and `for ... in`. */
export type VarPlace = "statement" | "for-init" | "for-head";

interface Scope {
  readonly parent: Scope | null;
  readonly names: Set<string>;
  /** `var` declarations belong here rather than to an outer scope. */
  readonly holdsVar: boolean;
}

interface Candidate extends Mention {
  readonly scope: Scope;
}

/** Finds the top-level declarations of a cell and every mention of a name that no inner scope declares. */
export function findScopes(program: Program): Scopes {
  const finder = new ScopeFinder();
  for (const statement of program.body) finder.visit(statement, finder.top);
  const mentions = finder.candidates.filter(({ name, scope }) => !isLocal(name, scope));
  mentions.sort((left, right) => left.start - right.start);
  const { declarations, vars, importForms, awaits } = finder;
  return { declarations, mentions, vars, importForms, awaits };
}

function isLocal(name: string, from: Scope): boolean {
  for (let scope: Scope | null = from; scope?.parent != null; scope = scope.parent) {
    if (scope.names.has(name)) return true;
  }
  return false;
}

class ScopeFinder {
  readonly top: Scope = { parent: null, names: new Set(), holdsVar: true };
  readonly declarations = new Map<string, DeclarationKind>();
  readonly candidates: Candidate[] = [];
  readonly vars = new Map<VariableDeclaration, VarPlace>();
  readonly importForms: (ImportExpression | MetaProperty)[] = [];
  readonly awaits: Await[] = [];
  #functionDepth = 0;

  visit(node: AnyNode | null | undefined, scope: Scope): void {
    if (node == null) return;
    switch (node.type) {
      case "Identifier":
        this.#mention(node, scope, "read", false);
        return;
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        this.#visitFunction(node, scope);
        return;
      case "ClassDeclaration":
      case "ClassExpression":
        this.#visitClass(node, scope);
        return;
      case "VariableDeclaration":
        this.#visitVariables(node, scope, "statement");
        return;
      case "ImportDeclaration":
        for (const specifier of node.specifiers) this.#declare(specifier.local, "import", scope, false);
        return;
      case "ExportNamedDeclaration":
        this.visit(node.declaration, scope);
        if (node.source == null) {
          for (const { local } of node.specifiers) this.visit(local, scope);
        }
        return;
      case "ExportDefaultDeclaration":
        this.visit(node.declaration as AnyNode, scope);
        return;
      case "ExportAllDeclaration":
        return;
      case "BlockStatement":
      case "StaticBlock":
        this.#visitAll(node.body, inner(scope, node.type === "StaticBlock"));
        return;
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
        this.#visitLoop(node, inner(scope, false));
        return;
      case "SwitchStatement": {
        this.visit(node.discriminant, scope);
        const cases = inner(scope, false);
        for (const { test, consequent } of node.cases) {
          this.visit(test, cases);
          this.#visitAll(consequent, cases);
        }
        return;
      }
      case "CatchClause": {
        const caught = inner(scope, false);
        if (node.param != null) this.#declarePattern(node.param, "let", caught);
        this.visit(node.body, caught);
        return;
      }
      case "AssignmentExpression":
        this.#visitTarget(node.left as Pattern, scope);
        this.visit(node.right, scope);
        return;
      case "UpdateExpression":
        this.#visitTarget(node.argument as Pattern, scope);
        return;
      case "MemberExpression":
        this.visit(node.object as AnyNode, scope);
        if (node.computed) this.visit(node.property as AnyNode, scope);
        return;
      case "Property":
        if (node.computed) this.visit(node.key, scope);
        if (node.shorthand) this.#mention(node.value as Identifier, scope, "read", true);
        else this.visit(node.value, scope);
        return;
      case "MethodDefinition":
      case "PropertyDefinition":
        if (node.computed) this.visit(node.key as AnyNode, scope);
        this.visit(node.value, scope);
        return;
      case "LabeledStatement":
        this.visit(node.body, scope);
        return;
      case "BreakStatement":
      case "ContinueStatement":
        return;
      case "AwaitExpression":
        this.#note(node);
        this.visit(node.argument, scope);
        return;
      case "MetaProperty":
        if (node.meta.name === "import") this.importForms.push(node);
        return;
      case "ImportExpression":
        this.importForms.push(node);
        this.visit(node.source, scope);
        this.visit(node.options, scope);
        return;
      default:
        for (const child of childNodes(node)) this.visit(child, scope);
    }
  }

  #visitAll(nodes: readonly AnyNode[], scope: Scope): void {
    for (const node of nodes) this.visit(node, scope);
  }

  #visitVariables(node: VariableDeclaration, scope: Scope, place: VarPlace): void {
    if (node.kind === "var" && varHolder(scope) === this.top) this.vars.set(node, place);
    for (const declarator of node.declarations) {
      this.#declarePattern(declarator.id, node.kind as DeclarationKind, scope);
      this.visit(declarator.init, scope);
    }
  }

  #visitFunction(
    node: Extract<AnyNode, { type: "FunctionDeclaration" | "FunctionExpression" | "ArrowFunctionExpression" }>,
    scope: Scope,
  ): void {
    let outer = scope;
    if (node.type === "FunctionDeclaration" && node.id != null) this.#declare(node.id, "function", scope, false);
    if (node.type === "FunctionExpression" && node.id != null) {
      outer = inner(scope, false);
      outer.names.add(node.id.name);
    }
    this.#functionDepth++;
    const own = inner(outer, true);
    if (node.type !== "ArrowFunctionExpression") own.names.add("arguments");
    for (const parameter of node.params) this.#declarePattern(parameter, "let", own);
    if (node.body.type === "BlockStatement") this.#visitAll(node.body.body, own);
    else this.visit(node.body, own);
    this.#functionDepth--;
  }

  #note(node: Await["node"]): void {
    this.awaits.push({ node, inFunction: this.#functionDepth > 0 });
  }

  #visitClass(node: Extract<AnyNode, { type: "ClassDeclaration" | "ClassExpression" }>, scope: Scope): void {
    if (node.type === "ClassDeclaration" && node.id != null) this.#declare(node.id, "class", scope, false);
    const own = inner(scope, false);
    if (node.id != null) own.names.add(node.id.name);
    this.visit(node.superClass, own);
    this.#visitAll(node.body.body, own);
  }

  #visitLoop(
    node: Extract<AnyNode, { type: "ForStatement" | "ForInStatement" | "ForOfStatement" }>,
    scope: Scope,
  ): void {
    if (node.type === "ForStatement") {
      if (node.init?.type === "VariableDeclaration") this.#visitVariables(node.init, scope, "for-init");
      else this.visit(node.init, scope);
      this.visit(node.test, scope);
      this.visit(node.update, scope);
    } else {
      if (node.type === "ForOfStatement" && node.await) this.#note(node);
      if (node.left.type === "VariableDeclaration") this.#visitVariables(node.left, scope, "for-head");
      else this.#visitTarget(node.left, scope);
      this.visit(node.right, scope);
    }
    this.visit(node.body, scope);
  }

  /** What stands left of `=`: names, members, and patterns of them. */
  #visitTarget(node: Pattern, scope: Scope, shorthand = false): void {
    switch (node.type) {
      case "Identifier":
        this.#mention(node, scope, "target", shorthand);
        return;
      case "AssignmentPattern":
        this.#visitTarget(node.left, scope, shorthand);
        this.visit(node.right, scope);
        return;
      case "ArrayPattern":
        for (const element of node.elements) if (element != null) this.#visitTarget(element, scope);
        return;
      case "RestElement":
        this.#visitTarget(node.argument, scope);
        return;
      case "ObjectPattern":
        for (const property of node.properties) {
          if (property.type === "RestElement") this.#visitTarget(property.argument, scope);
          else {
            if (property.computed) this.visit(property.key, scope);
            this.#visitTarget(property.value, scope, property.shorthand);
          }
        }
        return;
      default:
        this.visit(node, scope);
    }
  }

  #declarePattern(node: Pattern, kind: DeclarationKind, scope: Scope, shorthand = false): void {
    switch (node.type) {
      case "Identifier":
        this.#declare(node, kind, scope, shorthand);
        return;
      case "AssignmentPattern":
        this.#declarePattern(node.left, kind, scope, shorthand);
        this.visit(node.right, scope);
        return;
      case "ArrayPattern":
        for (const element of node.elements) if (element != null) this.#declarePattern(element, kind, scope);
        return;
      case "RestElement":
        this.#declarePattern(node.argument, kind, scope);
        return;
      case "ObjectPattern":
        for (const property of node.properties) {
          if (property.type === "RestElement") this.#declarePattern(property.argument, kind, scope);
          else {
            if (property.computed) this.visit(property.key, scope);
            this.#declarePattern(property.value, kind, scope, property.shorthand);
          }
        }
        return;
      default:
        this.visit(node, scope);
    }
  }

  #declare(id: Identifier, kind: DeclarationKind, scope: Scope, shorthand: boolean): void {
    const holder = kind === "var" ? varHolder(scope) : scope;
    holder.names.add(id.name);
    if (holder === this.top) this.declarations.set(id.name, kind);
    this.#mention(id, scope, "declaration", shorthand);
  }

  #mention(id: Identifier, scope: Scope, role: Mention["role"], shorthand: boolean): void {
    this.candidates.push({ name: id.name, start: id.start, end: id.end, role, shorthand, scope });
  }
}

function varHolder(scope: Scope): Scope {
  let holder = scope;
  while (!holder.holdsVar && holder.parent !== null) holder = holder.parent;
  return holder;
}

function inner(parent: Scope, holdsVar: boolean): Scope {
  return { parent, names: new Set(), holdsVar };
}

/** The syntax nodes directly below a node, in the order of the text. */
export function* childNodes(node: AnyNode): Generator<AnyNode> {
  for (const value of Object.values(node)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (typeof item === "object" && item !== null && typeof (item as AnyNode).type === "string") {
        yield item as AnyNode;
      }
    }
  }
}
