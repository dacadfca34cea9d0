import type { NotebookOutput } from "./notebook-file.ts";

/** A message of the iopub channel, as far as outputs need it. */
export interface OutputMessage {
  readonly type: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/** Collects the messages of running cells into outputs as a notebook file holds them. */
export class CellOutputs {
  readonly outputs: NotebookOutput[] = [];
  readonly #displays: Map<string, NotebookOutput[]>;
  #clearBeforeNext = false;

  /** @param displays outputs of all cells by display id, which later messages may update. */
  constructor(displays: Map<string, NotebookOutput[]>) {
    this.#displays = displays;
  }

  add({ type, content }: OutputMessage): void {
    switch (type) {
      case "stream":
        this.#addText(String(content.name), String(content.text));
        break;
      case "display_data":
        this.#addDisplay({ output_type: "display_data", ...dataOf(content) }, content);
        break;
      case "execute_result": {
        const count = content.execution_count as number;
        this.#addDisplay({ output_type: "execute_result", execution_count: count, ...dataOf(content) }, content);
        break;
      }
      case "update_display_data":
        for (const output of this.#displays.get(displayId(content) ?? "") ?? []) Object.assign(output, dataOf(content));
        break;
      case "error":
        this.#push({
          output_type: "error",
          ename: String(content.ename),
          evalue: String(content.evalue),
          traceback: (content.traceback as string[]) ?? [],
        });
        break;
      case "clear_output":
        if (content.wait === true) this.#clearBeforeNext = true;
        else this.outputs.length = 0;
        break;
    }
  }

  #addText(name: string, text: string): void {
    const last = this.#clearBeforeNext ? undefined : this.outputs.at(-1);
    if (last?.output_type === "stream" && last.name === name) last.text += text;
    else this.#push({ output_type: "stream", name, text });
  }

  #addDisplay(output: NotebookOutput, content: OutputMessage["content"]): void {
    this.#push(output);
    const id = displayId(content);
    if (id !== undefined) this.#displays.set(id, [...(this.#displays.get(id) ?? []), output]);
  }

  #push(output: NotebookOutput): void {
    if (this.#clearBeforeNext) this.outputs.length = 0;
    this.#clearBeforeNext = false;
    this.outputs.push(output);
  }
}

function dataOf(content: OutputMessage["content"]): {
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
} {
  return {
    data: (content.data ?? {}) as Record<string, unknown>,
    metadata: (content.metadata ?? {}) as Record<string, unknown>,
  };
}

function displayId(content: OutputMessage["content"]): string | undefined {
  const id = (content.transient as { display_id?: unknown } | undefined)?.display_id;
  return typeof id === "string" ? id : undefined;
}
