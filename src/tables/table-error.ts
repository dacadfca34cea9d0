/** What went wrong with a table or its data, for programs; the message is for people. */
export type TableErrorKind =
  /** A file is missing, cannot be read, or has an unknown extension. */
  | "file"
  /** A file's bytes are not of its format. */
  | "format"
  /** A value is not what its column needs. */
  | "value"
  /** A column is missing, or of a type that cannot be used so. */
  | "column"
  /** A file's columns differ from the table's. */
  | "schema"
  /** A name is not an identifier, or means something else already. */
  | "name"
  /** No table, view or data token of that name. */
  | "not-found"
  /** Views or materializations use what was to be deleted. */
  | "in-use"
  /** The store cannot be read or written. */
  | "store";

/** Where in a file something went wrong; all counted from 1 but `byte`, which is an offset. */
export interface TablePlace {
  readonly file?: string;
  /** Rows of data, without the header. */
  readonly row?: number;
  readonly line?: number;
  readonly column?: string;
  readonly byte?: number;
}

/** A mistake in a table's definition or data, told in one sentence. */
export class TableError extends Error {
  readonly kind: TableErrorKind;
  readonly file: string | undefined;
  readonly row: number | undefined;
  readonly line: number | undefined;
  readonly column: string | undefined;
  readonly byte: number | undefined;

  constructor(kind: TableErrorKind, message: string, place: TablePlace = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = "TableError";
    this.kind = kind;
    this.file = place.file;
    this.row = place.row;
    this.line = place.line;
    this.column = place.column;
    this.byte = place.byte;
  }
}

/** A place as a person reads it: `plays.csv, row 3 (line 4), column 'at'`. */
export function describePlace(place: TablePlace): string {
  const parts: string[] = [];
  if (place.file !== undefined) parts.push(place.file);
  if (place.row !== undefined) parts.push(`row ${place.row}${place.line === undefined ? "" : ` (line ${place.line})`}`);
  else if (place.line !== undefined) parts.push(`line ${place.line}`);
  if (place.column !== undefined) parts.push(`column ${shown(place.column)}`);
  if (place.byte !== undefined) parts.push(`byte ${place.byte}`);
  return parts.join(", ");
}

/** A text from a user's file inside a message: quoted, on one line, control characters escaped, cut when long. */
export function shown(text: string): string {
  const cut = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  const escaped = cut.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
    return short ?? `\\u{${character.codePointAt(0)!.toString(16)}}`;
  });
  return `'${escaped}'`;
}
