import ts from "typescript";
import type { CellModule, CellProgram } from "./cell-program.ts";
import type { EditedCell, TypedCompletions, TypeProblem } from "./type-messages.ts";

/** TypeScript's kinds of names in words that front ends have icons for. */
const KINDS: Readonly<Record<string, string>> = {
  alias: "instance",
  class: "class",
  const: "instance",
  enum: "enum",
  "enum member": "property",
  function: "function",
  getter: "property",
  interface: "interface",
  keyword: "keyword",
  let: "instance",
  "local class": "class",
  "local function": "function",
  "local var": "instance",
  method: "function",
  module: "module",
  parameter: "param",
  property: "property",
  setter: "property",
  type: "type",
  var: "instance",
};

/** The names that fit at the cursor and begin as the text before it; null where TypeScript knows none. */
export function completionsAt(program: CellProgram, { text, folder, offset }: EditedCell): TypedCompletions | null {
  const { file, start } = program.edit(text, folder);
  const position = start + offset;
  const found = program.service.getCompletionsAtPosition(file, position, {});
  if (found === undefined) return null;
  const inString = isInString(program, file, position);
  const span = found.entries.find((entry) => entry.replacementSpan !== undefined)?.replacementSpan;
  const wholeSpan = span ?? found.optionalReplacementSpan;
  const from = wholeSpan === undefined ? offset - wordBefore(text, offset).length : wholeSpan.start - start;
  const prefix = text.slice(from, offset);
  const items = found.entries
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name, kind }) => ({ label: name, kind: KINDS[kind] ?? "property" }));
  return { from, inString, items };
}

function wordBefore(text: string, offset: number): string {
  return /[\p{ID_Continue}$]*$/u.exec(text.slice(0, offset))![0];
}

function isInString({ service }: CellProgram, file: string, position: number): boolean {
  const source = service.getProgram()?.getSourceFile(file);
  if (source === undefined) return false;
  let found = false;
  const visit = (node: ts.Node): void => {
    if (position <= node.getStart(source) || position > node.end) return;
    if (ts.isStringLiteralLike(node)) found = true;
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return found;
}

/** The type and the documentation of what is at the cursor, or of the call around it. */
export function explanationAt(program: CellProgram, { text, folder, offset }: EditedCell): string | null {
  const { file, start } = program.edit(text, folder);
  const position = start + offset;
  const { service } = program;
  // Right after a name, the name is meant.
  const touched = /[\p{ID_Continue}$]$/u.test(text.slice(0, offset)) ? position - 1 : position;
  const info = service.getQuickInfoAtPosition(file, touched) ?? service.getQuickInfoAtPosition(file, position);
  if (info !== undefined && info.kind !== ts.ScriptElementKind.unknown) {
    return written([partsText(info.displayParts), documented(info.documentation, info.tags)]);
  }
  const help = service.getSignatureHelpItems(file, position, {});
  return help === undefined ? null : signaturesText(help);
}

function signaturesText({ items, selectedItemIndex, argumentIndex }: ts.SignatureHelpItems): string {
  const ordered = [items[selectedItemIndex]!, ...items.filter((_, index) => index !== selectedItemIndex)];
  const signatures = ordered.map((item) => {
    const parameters = item.parameters.map(({ displayParts }) => partsText(displayParts));
    const separator = partsText(item.separatorDisplayParts);
    return partsText(item.prefixDisplayParts) + parameters.join(separator) + partsText(item.suffixDisplayParts);
  });
  const [chosen] = ordered;
  const parameter = chosen!.parameters[argumentIndex];
  const about = parameter === undefined ? "" : partsText(parameter.documentation);
  return written([
    signatures.join("\n"),
    about === "" ? "" : `${parameter!.name}: ${about}`,
    documented(chosen!.documentation, chosen!.tags),
  ]);
}

function documented(parts: readonly ts.SymbolDisplayPart[] | undefined, tags: readonly ts.JSDocTagInfo[] | undefined) {
  const lines = (tags ?? []).map(({ name, text }) => `@${name} ${partsText(text)}`.trimEnd());
  return written([partsText(parts), lines.join("\n")]);
}

function written(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}

function partsText(parts: readonly ts.SymbolDisplayPart[] | undefined): string {
  // That a name comes from another cell by an import is no more than how the program is made.
  return ts
    .displayPartsToString(parts as ts.SymbolDisplayPart[] | undefined)
    .replace(/^\(alias\) /, "")
    .replace(/\nimport \S+$/, "");
}

/** Codes of what a notebook cannot know or need not hear of. */
const SILENT = new Set([
  // Modules without types, and names that CommonJS modules only have when they run.
  2305, 2306, 2307, 2614, 2613, 2792, 2497, 2724, 1192, 1259,
  // An assignment to a variable of an earlier cell.
  2632,
  // A comma operator whose left side does nothing.
  2695,
]);
/** An element of a type that has none of this name; other implicit `any`s are a matter of style. */
const NO_SUCH_ELEMENT = 7053;
const NOT_ASSIGNABLE = new Set([2322, 2345, 2684, 2739, 2740, 2741, 2769]);
const NO_SUCH_NAME = new Set([2304, 2552, 2503, 18004, 2580, 2581, 2582, 2584, 2591, 2592, 2593, 2868]);

/** What is wrong with the types of a cell that was added. */
export function problemsOf(program: CellProgram, id: number): TypeProblem[] {
  const module = program.checked(id);
  if (module === null) return [];
  return program.service
    .getSemanticDiagnostics(module.file)
    .filter((diagnostic) => isWorthTelling(diagnostic, module))
    .map((diagnostic) => toProblem(diagnostic, module));
}

function isWorthTelling({ category, code, start, messageText }: ts.Diagnostic, module: CellModule): boolean {
  if (category !== ts.DiagnosticCategory.Error || start === undefined || start < module.start) return false;
  if (code < 2000 || SILENT.has(code)) return false;
  if (code >= 7000 && code < 8000) return code === NO_SUCH_ELEMENT;
  // A typed frame is a frame, though its type leaves out the private members of one.
  return (
    !NOT_ASSIGNABLE.has(code) || !/\bFenlFrame_|\bFenlResult_/.test(ts.flattenDiagnosticMessageText(messageText, "\n"))
  );
}

function toProblem({ code, start, length, messageText }: ts.Diagnostic, module: CellModule): TypeProblem {
  const offset = start! - module.start;
  return {
    message: ts.flattenDiagnosticMessageText(messageText, "\n"),
    code,
    offset,
    length: length ?? 1,
    missingName: NO_SUCH_NAME.has(code) ? module.text.slice(start, start! + (length ?? 0)) : null,
  };
}
