/** What the extension uses of CodeMirror and JupyterLab, which are in the page already and not in this package. */
export interface CodeMirror {
  readonly state: {
    readonly Prec: { highest(extension: unknown): unknown };
    readonly RangeSetBuilder: new () => { add(from: number, to: number, value: unknown): void; finish(): unknown };
  };
  readonly view: {
    readonly Decoration: { readonly none: unknown; mark(options: { readonly class: string }): unknown };
    readonly EditorView: { baseTheme(rules: Readonly<Record<string, Readonly<Record<string, string>>>>): unknown };
    readonly ViewPlugin: {
      define(
        create: (view: EditorView) => Decorator,
        options: { readonly decorations: (decorator: Decorator) => unknown },
      ): unknown;
    };
  };
}

export interface EditorView {
  readonly state: { readonly doc: { toString(): string; readonly length: number } };
}

/** A view plugin that keeps the decorations of one editor. */
export interface Decorator {
  decorations: unknown;
  update(change: { readonly docChanged: boolean; readonly view: EditorView }): void;
}

/** The module `@jupyterlab/codemirror`. */
export interface JupyterCodeMirror {
  readonly IEditorExtensionRegistry: unknown;
  readonly EditorExtensionRegistry: { createImmutableExtension(extension: unknown): unknown };
}

/** The service that gives every editor its extensions. */
export interface EditorExtensionRegistry {
  addExtension(extension: { readonly name: string; readonly factory: () => unknown }): void;
}
