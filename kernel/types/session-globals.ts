/** What every cell can use beside Node's globals, as declarations. */
export const SESSION_GLOBALS = `
/** How \`display\` shows a value. */
interface DisplayOptions {
  /** Names the output, so that it can be updated. */
  readonly displayId?: string;
  /** Replaces every output of the same \`displayId\`. */
  readonly update?: boolean;
  /** The value is already a MIME bundle, such as \`{"text/html": "<b>bold</b>"}\`. */
  readonly raw?: boolean;
}

/** An output that can be replaced. */
interface DisplayHandle {
  readonly displayId: string;
  update(value: unknown, options?: { readonly raw?: boolean }): void;
}

interface Display {
  /** Shows a value below the cell. */
  (value: unknown, options?: DisplayOptions): DisplayHandle;
  /** Removes the cell's output; with \`wait\`, only when the next output is there. */
  clear(wait?: boolean): void;
}

declare const display: Display;

/** Asks the user for a line of text: \`const name = await input("Name: ")\`. */
declare function input(prompt?: unknown, options?: { readonly password?: boolean }): Promise<string>;

/** Draws the rows of a query's result as timelines, one band for each entity. */
declare function plot(
  result: object,
  options?: { readonly entities?: readonly any[]; readonly fields?: readonly string[] },
): { readonly svg: string; readonly text: string };

/** Rows of a query's result, a frame or an Arrow table, from anywhere in it: 50 unless told, at most 1000. */
declare function showRows(
  value: object,
  options?: { readonly from?: number; readonly rows?: number },
): { readonly text: string };

/** Imports a module from the notebook's folder, or else from the kernel's own packages. */
declare function $import(specifier: string): Promise<any>;
`;
