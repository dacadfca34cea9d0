/** A text that has been executed, or stands for a value that was bound. */
export interface KnownCell {
  readonly id: number;
  readonly text: string;
  /** The folder that its relative imports start from. */
  readonly folder: string;
  /** The only names that later cells see, for a text that the kernel wrote; absent for what a user typed. */
  readonly declares?: readonly string[];
}

/** A text that is being edited, with the place of the cursor in UTF-16 units. */
export interface EditedCell {
  readonly text: string;
  readonly folder: string;
  readonly offset: number;
}

/** What the kernel tells or asks the type service. */
export type ToTypes =
  | { readonly kind: "cell"; readonly cell: KnownCell }
  /** Takes back the last cell: it was refused. */
  | { readonly kind: "forget"; readonly id: number }
  /** Takes back every cell: their names were forgotten. */
  | { readonly kind: "forget all" }
  | { readonly kind: "complete"; readonly request: number; readonly cell: EditedCell }
  | { readonly kind: "explain"; readonly request: number; readonly cell: EditedCell }
  | { readonly kind: "check"; readonly request: number; readonly id: number };

/** What the type service tells the kernel. */
export type FromTypes =
  | { readonly kind: "ready" }
  | { readonly kind: "answer"; readonly request: number; readonly answer: TypedCompletions | string | null }
  | { readonly kind: "checked"; readonly request: number; readonly problems: readonly TypeProblem[] };

/** The names that fit at a place. */
export interface TypedCompletions {
  /** Where the text to replace begins, in UTF-16 units of the cell. */
  readonly from: number;
  /** The names are the contents of a string literal rather than identifiers. */
  readonly inString: boolean;
  readonly items: readonly TypedCompletion[];
}

/** One name that fits. */
export interface TypedCompletion {
  readonly label: string;
  /** In words that front ends have icons for. */
  readonly kind: string;
}

/** What is wrong with the types of a cell. */
export interface TypeProblem {
  readonly message: string;
  /** TypeScript's number of the message. */
  readonly code: number;
  /** UTF-16 units from the start of the cell. */
  readonly offset: number;
  readonly length: number;
  /** The name that could not be found, where that is the problem. */
  readonly missingName: string | null;
}
