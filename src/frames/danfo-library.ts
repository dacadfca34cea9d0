import { createRequire } from "node:module";

type Danfo = typeof import("danfojs-node");

/**
 * The members of frames that others rely on: Danfo's properties, and the methods it calls itself. A column of such a
 * name is not made a property of its frame. (Other methods give way to a column of their name, as Danfo has it.)
 */
const MEMBERS: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  ...["T", "axis", "columns", "config", "ctypes", "dtypes", "getColumnData", "index", "ndim", "shape", "size"],
  ...["tensor", "values", "addColumn", "apply", "column", "copy", "cumOps", "drop", "fillNa", "head", "iloc"],
  ...["loadArrayIntoNdframe", "loadObjectIntoNdframe", "loc", "print", "tail"],
]);

function isMember(name: string): boolean {
  return name.startsWith("$") || MEMBERS.has(name);
}

/** The columns that are reached as `frame.column(name)` only. */
export function hiddenColumns(names: readonly string[]): string[] {
  return names.filter(isMember);
}

/** Danfo's frames in parts that its typings leave out. */
export interface FrameInternals<Cell = unknown> {
  readonly columns: string[];
  $dataIncolumnFormat: Cell[][];
  $getColumnData(name: string): unknown;
  $setColumnData(name: string, values: unknown): void;
  $setInternalColumnDataProperty(name?: string): void;
}

/**
 * Danfo makes each column a property of its frame, also where that hides a member it needs (`shape`, `index`).
 * Frames of this process leave those out, derived frames too.
 */
function keepMembers(danfo: Danfo): void {
  // Derived frames are of a base class, whose method this is.
  let owner = danfo.DataFrame.prototype;
  while (!Object.hasOwn(owner, "$setInternalColumnDataProperty")) owner = Object.getPrototypeOf(owner);
  const prototype = owner as unknown as FrameInternals;
  prototype.$setInternalColumnDataProperty = function (this: FrameInternals, column?: string) {
    for (const name of column === undefined ? this.columns : [column]) {
      if (isMember(name)) continue;
      Object.defineProperty(this, name, {
        configurable: true,
        get: () => this.$getColumnData(name),
        set: (values: unknown) => this.$setColumnData(name, values),
      });
    }
  };
}

let loaded: Danfo | undefined;

/** Danfo, loaded when the first frame is made: synchronously, so that a frame can be a plain property. */
export function loadDanfo(): Danfo {
  if (loaded === undefined) {
    loaded = createRequire(import.meta.url)("danfojs-node") as Danfo;
    keepMembers(loaded);
  }
  return loaded;
}
