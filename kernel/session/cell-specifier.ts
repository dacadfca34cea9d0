const SCHEME = "fenl-cell:";

/** An import of a cell, as it is put to Node's module loader. */
export interface CellSpecifier {
  readonly specifier: string;
  /** The URL that relative imports start from. */
  readonly parent: string;
  /** Node remembers what it resolved; a number of its own keeps each import of a cell from being remembered. */
  readonly serial: number;
  /** CommonJS files that have changed, which the hooks do not see being required. */
  readonly changed: readonly string[];
  /** Whether the last import of this specifier failed. */
  readonly afterFailure: boolean;
}

/** One specifier that carries what the hooks must know of a cell's import. */
export function writeCellSpecifier(parts: CellSpecifier): string {
  return SCHEME + encodeURIComponent(JSON.stringify(parts));
}

/** Reads what `writeCellSpecifier` wrote; null for any other specifier. */
export function readCellSpecifier(specifier: string): CellSpecifier | null {
  if (!specifier.startsWith(SCHEME)) return null;
  return JSON.parse(decodeURIComponent(specifier.slice(SCHEME.length))) as CellSpecifier;
}
