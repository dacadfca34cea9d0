import ts from "typescript";

/** The names of a cell's text that matter to other cells. */
export interface CellNames {
  /** Declared at the top level: values, types and imports. */
  readonly declared: ReadonlySet<string>;
  /** Declared with `export` in the text itself. */
  readonly exported: ReadonlySet<string>;
  /** Every identifier of the text. */
  readonly mentioned: ReadonlySet<string>;
}

/** Reads the names of a cell; the text may be unfinished. */
export function readNames(text: string): CellNames {
  const file = ts.createSourceFile("cell.ts", text, ts.ScriptTarget.ESNext, false, ts.ScriptKind.TS);
  const names = { declared: new Set<string>(), exported: new Set<string>(), mentioned: new Set<string>() };
  for (const statement of file.statements) {
    const found = new Set<string>();
    addDeclared(statement, found, true);
    for (const name of found) names.declared.add(name);
    if (isExported(statement)) for (const name of found) names.exported.add(name);
  }
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) names.mentioned.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

function isExported(statement: ts.Statement): boolean {
  if (!ts.canHaveModifiers(statement)) return false;
  const kinds = ts.getModifiers(statement)?.map(({ kind }) => kind) ?? [];
  return kinds.includes(ts.SyntaxKind.ExportKeyword) && !kinds.includes(ts.SyntaxKind.DefaultKeyword);
}

/** @param top whether the node is a statement of the top level: in inner ones only `var` reaches it. */
function addDeclared(node: ts.Node, names: Set<string>, top: boolean): void {
  if (ts.isFunctionLike(node) || ts.isClassLike(node)) {
    if (top && (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) && node.name) names.add(node.name.text);
    return;
  }
  if (ts.isVariableDeclarationList(node)) {
    const isVar = (node.flags & ts.NodeFlags.BlockScoped) === 0;
    if (top || isVar) for (const { name } of node.declarations) addBinding(name, names);
    return;
  }
  if (ts.isVariableStatement(node)) addDeclared(node.declarationList, names, top);
  else if (ts.isImportDeclaration(node)) addImported(node.importClause, names);
  else if (
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node) ||
    ts.isImportEqualsDeclaration(node)
  ) {
    if (top) names.add(node.name.text);
  } else if (ts.isModuleDeclaration(node)) {
    if (top && ts.isIdentifier(node.name)) names.add(node.name.text);
  } else ts.forEachChild(node, (child) => addDeclared(child, names, false));
}

function addBinding(name: ts.BindingName, names: Set<string>): void {
  if (ts.isIdentifier(name)) {
    if (name.text !== "") names.add(name.text);
    return;
  }
  for (const element of name.elements) if (ts.isBindingElement(element)) addBinding(element.name, names);
}

function addImported(clause: ts.ImportClause | undefined, names: Set<string>): void {
  if (clause?.name !== undefined) names.add(clause.name.text);
  const bindings = clause?.namedBindings;
  if (bindings === undefined) return;
  if (ts.isNamespaceImport(bindings)) names.add(bindings.name.text);
  else for (const { name } of bindings.elements) names.add(name.text);
}
