import type { CodeMirror, Decorator, EditorView } from "./codemirror.ts";
import { colourFenlCell, type Look } from "./token-classes.ts";

/** The colours that JupyterLab's themes give to code. */
const COLOURS: Readonly<Record<Look, string>> = {
  argument: "attribute",
  comment: "comment",
  function: "def",
  keyword: "keyword",
  magic: "meta",
  name: "variable",
  number: "number",
  operator: "operator",
  parameter: "variable-3",
  property: "property",
  string: "string",
  wrong: "error",
};

/** Longer cells stay as they are, so that typing in them stays quick. */
const LONGEST = 200_000;

/** An editor extension that colours the query of a cell that begins with `%%fenl`, and leaves all others alone. */
export function fenlHighlighting({ state, view }: CodeMirror): unknown {
  const marks = new Map(
    (Object.keys(COLOURS) as Look[]).map((look) => [look, view.Decoration.mark({ class: `cm-fenl cm-fenl-${look}` })]),
  );
  const decorate = (editor: EditorView): unknown => {
    const { doc } = editor.state;
    const ranges = doc.length > LONGEST ? null : colourFenlCell(doc.toString());
    if (ranges === null) return view.Decoration.none;
    const builder = new state.RangeSetBuilder();
    for (const { start, end, look } of ranges) builder.add(start, end, marks.get(look));
    return builder.finish();
  };
  const create = (editor: EditorView): Decorator => ({
    decorations: decorate(editor),
    update({ docChanged, view: changed }) {
      if (docChanged) this.decorations = decorate(changed);
    },
  });
  const plugin = view.ViewPlugin.define(create, { decorations: ({ decorations }) => decorations });
  // The marks must be inside those of the cell's other language: the innermost element has the last word.
  return [state.Prec.highest(plugin), view.EditorView.baseTheme(styles())];
}

function styles(): Record<string, Record<string, string>> {
  const plain = { fontWeight: "normal", fontStyle: "normal", textDecoration: "none" };
  const rules: Record<string, Record<string, string>> = { ".cm-fenl": plain, ".cm-fenl *": { color: "inherit" } };
  for (const [look, colour] of Object.entries(COLOURS)) {
    rules[`.cm-fenl-${look}`] = { color: `var(--jp-mirror-editor-${colour}-color)` };
  }
  return {
    ...rules,
    ".cm-fenl-keyword": { ...rules[".cm-fenl-keyword"], fontWeight: "bold" },
    ".cm-fenl-comment": { ...rules[".cm-fenl-comment"], fontStyle: "italic" },
    ".cm-fenl-wrong": { ...rules[".cm-fenl-wrong"], textDecoration: "underline wavy" },
  };
}
