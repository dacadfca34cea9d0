import type { DeclarationKind } from "./scopes.ts";

/** A name that a cell has declared, and where its value lives. */
export interface SessionName {
  readonly name: string;
  /** The global lexical variable that holds it: the name itself, or a private one. */
  readonly storage: string;
  readonly constant: boolean;
}

const SUFFIX = "$cell";

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
  }

  delete(name: string): void {
    this.#names.delete(name);
  }
}

/** Whether code outside the cells may look for a global of this name. */
function isSharedName(name: string): boolean {
  return name in globalThis || PROBED.has(name);
}

/** A text of V8 in which private storage names are the user's names again. */
export function withUserNames(text: string): string {
  return text.includes(SUFFIX) ? text.replace(/([\p{ID_Continue}$]+)\$cell(?![\p{ID_Continue}$])/gu, "$1") : text;
}
