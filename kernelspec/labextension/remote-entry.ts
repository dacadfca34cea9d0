import type { CodeMirror, EditorExtensionRegistry, JupyterCodeMirror } from "./codemirror.ts";
import { fenlHighlighting } from "./highlighting.ts";

/** The modules that JupyterLab shares with its extensions: by name, then by version. */
type ShareScope = Readonly<Record<string, Readonly<Record<string, { get(): unknown }>>>>;

/** A plugin as JupyterLab's application takes it. */
interface Plugin {
  readonly id: string;
  readonly description: string;
  readonly autoStart: boolean;
  readonly requires: readonly unknown[];
  activate(application: unknown, registry: EditorExtensionRegistry): void;
}

let shared: ShareScope = {};

async function sharedModule<T>(name: string): Promise<T> {
  const [module] = Object.values(shared[name] ?? {});
  if (module === undefined) throw new Error(`fenl: this JupyterLab has no ${name}`);
  const factory = (await module.get()) as () => T;
  return factory();
}

async function makePlugin(): Promise<Plugin> {
  const [jupyter, state, view] = await Promise.all([
    sharedModule<JupyterCodeMirror>("@jupyterlab/codemirror"),
    sharedModule<CodeMirror["state"]>("@codemirror/state"),
    sharedModule<CodeMirror["view"]>("@codemirror/view"),
  ]);
  return {
    id: "fenl:highlighting",
    description: "Colours the queries of cells that begin with %%fenl.",
    autoStart: true,
    requires: [jupyter.IEditorExtensionRegistry],
    activate: (_application, registry) => {
      const extension = fenlHighlighting({ state, view });
      registry.addExtension({
        name: "fenl:highlighting",
        factory: () => jupyter.EditorExtensionRegistry.createImmutableExtension(extension),
      });
    },
  };
}

/** What JupyterLab asks of a prebuilt extension: the interface of a container of Webpack's module federation. */
const container = {
  init(scope: ShareScope): void {
    shared = scope;
  },
  async get(): Promise<() => { readonly __esModule: true; readonly default: Plugin }> {
    const plugin = await makePlugin();
    return () => ({ __esModule: true, default: plugin });
  },
};

const page = globalThis as { _JUPYTERLAB?: Record<string, typeof container> };
page._JUPYTERLAB ??= {};
page._JUPYTERLAB.fenl = container;
