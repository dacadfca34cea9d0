/** What Jupyter reads to start a kernel. */
export interface KernelJson {
  readonly argv: readonly string[];
  readonly display_name: string;
  readonly language: string;
  readonly interrupt_mode: "message";
  readonly env: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * Flags of node for a kernel. An interrupt ends code in the middle of a timer's callback, which Node's check of its
 * async hooks takes for corruption: it would abort.
 */
export const nodeFlags: readonly string[] = ["--no-force-async-hooks-checks", "--no-warnings=ExperimentalWarning"];

/** The kernel.json that starts a kernel with a given node and main file. */
export function kernelJson(node: string, main: string): KernelJson {
  return {
    argv: [node, ...nodeFlags, main, "{connection_file}"],
    display_name: "Fenl (TypeScript)",
    language: "typescript",
    interrupt_mode: "message",
    env: {},
    metadata: { debugger: false },
  };
}
