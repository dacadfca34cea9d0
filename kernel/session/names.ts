import type { DeclarationKind } from "./scopes.ts";

/** A name that a cell has declared, and where its value lives. */
export interface SessionName {
  readonly name: string;
  /** The global lexical variable that holds it: the name itself, or a private one. */
  readonly storage: string;
  readonly constant: boolean;
}

const SUFFIX = "$cell";
/** Ends the names of variables that were forgotten: nothing declares them, so to read one is the error that it should be. */
const FORGOTTEN = "$forgotten";

/**
 * Names that libraries look for to learn where they run. A cell's variables are seen by every module of the process:
 * a `document` among them would make libraries believe in a browser.
 */
const PROBED = new Set(
  (
    "window document self navigator location parent top frames module exports require define importScripts " +
    "WorkerGlobalScope DedicatedWorkerGlobalScope ServiceWorkerGlobalScope Deno Bun EdgeRuntime Cloudflare " +
    "XMLHttpRequest FileReader Image HTMLElement HTMLCanvasElement OffscreenCanvas ImageData Element Node localStorage " +
    "sessionStorage indexedDB requestAnimationFrame cancelAnimationFrame $ jQuery React Vue angular _ tf d3 dfd " +
    "__dirname __filename chrome browser system java print load arguments eval undefined"
  ).split(" "),
);

/** The names that cells have declared, in the order of their first declaration. */
export class SessionNames {
  readonly #names = new Map<string, SessionName>();
  readonly #forgotten = new Set<string>();

  get(name: string): SessionName | undefined {
    return this.#names.get(name);
  }

  all(): Iterable<SessionName> {
    return this.#names.values();
  }

  /** Where a name of a declaration will live, and whether it can be assigned to. */
  plan(name: string, kind: DeclarationKind): SessionName {
    const constant = kind === "const" || kind === "import";
    const storage = this.#names.get(name)?.storage ?? (isSharedName(name) ? name + SUFFIX : name);
    return { name, storage, constant };
  }

  add(entry: SessionName): void {
    this.#names.set(entry.name, entry);
    this.#forgotten.delete(entry.name);
  }

  /** Forgets every name; V8 keeps their variables. */
  forgetAll(): void {
    for (const name of this.#names.keys()) this.#forgotten.add(name);
    this.#names.clear();
  }

  /** What to write for a name that was forgotten and may still be the name of a variable; null for any other name. */
  forgotten(name: string): string | null {
    return this.#forgotten.has(name) ? name + FORGOTTEN : null;
  }
}

/** Whether code outside the cells may look for a global of this name. */
function isSharedName(name: string): boolean {
  return name in globalThis || PROBED.has(name);
}

/** A text of V8 in which private storage names are the user's names again. */
export function withUserNames(text: string): string {
  if (!text.includes(SUFFIX) && !text.includes(FORGOTTEN)) return text;
  return text.replace(/([\p{ID_Continue}$]+)\$(?:cell|forgotten)(?![\p{ID_Continue}$])/gu, "$1");
}
