import process from "node:process";
import { CellImporter } from "./cell-import.ts";
import { currentCell } from "./current-cell.ts";
import type { MainInspector } from "./main-inspector.ts";
import { CELL_GLOBAL, type ImportNeed } from "./rewrite-cell.ts";

/** How values pass between evaluated texts and the session. */
export interface Exchange {
  /** Takes the value of a cell's last expression. */
  value(evaluation: number, value: unknown): void;
  /** Gives a value that the session binds. */
  given(): unknown;
  /** Whether the user has stopped an evaluation; of 0, whether that is so of the cell that runs. */
  isStopped(evaluation: number): boolean;
}

/** Puts the object on the global through which rewritten cells reach the session. */
export function installCellGlobal(inspector: MainInspector, { value, given, isStopped }: Exchange): void {
  const importer = new CellImporter();
  const object = {
    value,
    given,
    /** What was awaited; or a promise that never settles, where the code that has awaited it was stopped. */
    goOn: (awaited: unknown, evaluation: number) => (isStopped(evaluation) ? new Promise(() => {}) : awaited),
    caught: (value: unknown) => inspector.caught(value),
    runProtected: () => inspector.runProtected(),
    import: (specifier: string, needs: Readonly<Record<string, ImportNeed>>) =>
      importer.importNames(specifier, needs, (text) => currentCell()?.output.stream("stderr", text)),
    dynamicImport: async (specifier: unknown) => importer.import(String(specifier)),
    constants: new Proxy(Object.create(null), {
      set: (_target, name) => {
        throw new TypeError(`Assignment to constant variable "${String(name)}".`);
      },
    }),
    get meta() {
      return importer.meta();
    },
    get require() {
      return importer.require;
    },
    get __dirname() {
      return process.cwd();
    },
    get __filename() {
      return `${process.cwd()}/cell.ts`;
    },
  };
  Object.defineProperty(globalThis, CELL_GLOBAL, { value: Object.freeze(object) });
}
