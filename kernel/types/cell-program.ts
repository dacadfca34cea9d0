import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { packageRoot } from "../session/own-package.ts";
import { type CellNames, readNames } from "./cell-names.ts";
import { ModulePaths, nodeTypes } from "./module-paths.ts";
import { SESSION_GLOBALS } from "./session-globals.ts";
import type { KnownCell } from "./type-messages.ts";

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  customConditions: ["node"],
  lib: ["lib.esnext.d.ts"],
  types: [],
  strict: true,
  // What follows from these would be noise in a notebook.
  noImplicitThis: false,
  useUnknownInCatchVariables: false,
  strictPropertyInitialization: false,
  allowImportingTsExtensions: true,
  allowSyntheticDefaultImports: true,
  esModuleInterop: true,
  experimentalDecorators: false,
  resolveJsonModule: true,
  skipLibCheck: true,
  noEmit: true,
};

const OWN_FOLDER = fileURLToPath(packageRoot);
const CELL_FILE = /^\.fenl-cell-(\d+)\.ts$/;
/** TypeScript follows imports by recursion; names from further away are known by their values only. */
const MOST_DEPTH = 300;
const GLOBALS_FILE = ".fenl-globals.d.ts";
const EDITED_FILE = ".fenl-edited.ts";

/** A cell as TypeScript sees it: a module whose first line imports names of earlier cells and exports its own. */
export interface CellModule {
  readonly file: string;
  readonly text: string;
  /** Where the cell's own text begins. */
  readonly start: number;
  /** The longest way through cells that import each other; 1 for a cell that imports none. */
  readonly depth: number;
  version: number;
}

/** The cells of a session as one program that grows: later cells see what earlier ones declare, the latest first. */
export class CellProgram {
  readonly service: ts.LanguageService;
  readonly #modules = new Map<string, CellModule>();
  /** Which cell a name is from. */
  readonly #scope = new Map<string, number>();
  /** Where the names of the last cell were from before it. */
  #before = new Map<string, number | undefined>();
  readonly #globals: CellModule;
  readonly #paths = new ModulePaths(OPTIONS);
  readonly #nodeTypes = nodeTypes();
  readonly #files = new Map<string, { readonly snapshot: ts.IScriptSnapshot; readonly version: string }>();
  #folder: string;
  #edited: CellModule | null = null;
  #checked: CellModule | null = null;

  constructor(folder: string) {
    this.#folder = folder;
    this.#globals = { file: join(folder, GLOBALS_FILE), text: SESSION_GLOBALS, start: 0, depth: 1, version: 1 };
    this.service = ts.createLanguageService(this.#host(), ts.createDocumentRegistry(true, folder));
  }

  /** Adds a text that has been executed. */
  add({ id, text, folder, declares }: KnownCell): void {
    const names = readNames(text);
    const declared = declares ?? [...names.declared];
    const exported = declared.filter((name) => !names.exported.has(name));
    const imports = [...names.mentioned].filter((name) => declares === undefined && !names.declared.has(name));
    const imported = this.#importsOf(imports);
    const first = `${imported.text}export { ${exported.join(", ")} };\n`;
    const file = join(folder, `.fenl-cell-${id}.ts`);
    this.#modules.set(`${id}`, {
      file,
      text: first + text,
      start: first.length,
      depth: imported.depth + 1,
      version: 1,
    });
    this.#before = new Map(declared.map((name) => [name, this.#scope.get(name)]));
    for (const name of declared) this.#scope.set(name, id);
  }

  /** Takes back the cell that was added last. */
  forget(id: number): void {
    this.#modules.delete(`${id}`);
    if (this.#checked?.file.endsWith(`.fenl-cell-${id}.ts`)) this.#checked = null;
    for (const [name, earlier] of this.#before) {
      if (earlier === undefined) this.#scope.delete(name);
      else this.#scope.set(name, earlier);
    }
    this.#before = new Map();
  }

  /** Takes back every cell. */
  forgetAll(): void {
    this.#modules.clear();
    this.#scope.clear();
    this.#before = new Map();
    this.#checked = null;
  }

  /** The module of a cell that was added, as a root of the program. */
  checked(id: number): CellModule | null {
    this.#checked = this.#modules.get(`${id}`) ?? null;
    return this.#checked;
  }

  /** Takes a text that is being edited; it sees every name of the session. */
  edit(text: string, folder: string): CellModule {
    this.#folder = folder;
    const { declared }: CellNames = readNames(text);
    const imported = this.#importsOf([...this.#scope.keys()].filter((name) => !declared.has(name)));
    const first = `${imported.text}export {};\n`;
    const edited = this.#edited;
    const file = join(folder, EDITED_FILE);
    const { depth } = imported;
    const module = { file, text: first + text, start: first.length, depth, version: (edited?.version ?? 0) + 1 };
    if (edited !== null && edited.file === file && edited.text === module.text) return edited;
    this.#edited = module;
    return module;
  }

  #importsOf(names: readonly string[]): { readonly text: string; readonly depth: number } {
    const byCell = new Map<number, string[]>();
    for (const name of names) {
      const id = this.#scope.get(name);
      if (id === undefined || this.#modules.get(`${id}`)!.depth >= MOST_DEPTH) continue;
      const list = byCell.get(id);
      if (list === undefined) byCell.set(id, [name]);
      else list.push(name);
    }
    const imports = [...byCell].map(([id, list]) => `import { ${list.join(", ")} } from ".fenl-cell-${id}.ts"; `);
    const depth = Math.max(0, ...[...byCell.keys()].map((id) => this.#modules.get(`${id}`)!.depth));
    return { text: imports.join(""), depth };
  }

  #module(file: string): CellModule | undefined {
    if (this.#edited?.file === file) return this.#edited;
    if (this.#globals.file === file) return this.#globals;
    const id = CELL_FILE.exec(file.slice(file.lastIndexOf("/") + 1))?.[1];
    const module = id === undefined ? undefined : this.#modules.get(id);
    return module?.file === file ? module : undefined;
  }

  #host(): ts.LanguageServiceHost {
    const read = (file: string) => this.#file(file);
    return {
      getCompilationSettings: () => OPTIONS,
      getCurrentDirectory: () => this.#folder,
      getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
      getScriptFileNames: () => [
        this.#globals.file,
        ...(this.#nodeTypes === null ? [] : [this.#nodeTypes]),
        ...(this.#checked === null ? [] : [this.#checked.file]),
        ...(this.#edited === null ? [] : [this.#edited.file]),
      ],
      getScriptVersion: (file) => String(this.#module(file)?.version ?? read(file)?.version ?? ""),
      getScriptSnapshot: (file) => {
        const module = this.#module(file);
        return module === undefined ? read(file)?.snapshot : ts.ScriptSnapshot.fromString(module.text);
      },
      fileExists: (file) => this.#module(file) !== undefined || ts.sys.fileExists(file),
      readFile: (file, encoding) => this.#module(file)?.text ?? ts.sys.readFile(file, encoding),
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
      readDirectory: ts.sys.readDirectory,
      realpath: ts.sys.realpath,
      resolveModuleNameLiterals: (literals, importer) =>
        literals.map(({ text }) => ({ resolvedModule: this.#resolve(text, importer) })),
    };
  }

  #resolve(specifier: string, importer: string): ts.ResolvedModuleFull | undefined {
    const id = CELL_FILE.exec(specifier)?.[1];
    const cell = id === undefined ? undefined : this.#modules.get(id);
    if (cell !== undefined) return { resolvedFileName: cell.file, extension: ts.Extension.Ts };
    return this.#paths.resolve(specifier, importer, this.#module(importer) !== undefined);
  }

  /** A file of the disk; those that nobody edits are read once. */
  #file(file: string): { readonly snapshot: ts.IScriptSnapshot; readonly version: string } | undefined {
    const known = this.#files.get(file);
    if (known !== undefined && (file.includes("/node_modules/") || file.startsWith(OWN_FOLDER))) return known;
    const version = String(ts.sys.getModifiedTime?.(file)?.getTime() ?? "");
    if (known?.version === version) return known;
    const text = ts.sys.readFile(file);
    if (text === undefined) return undefined;
    const read = { snapshot: ts.ScriptSnapshot.fromString(text), version };
    this.#files.set(file, read);
    return read;
  }
}
