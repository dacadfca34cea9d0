import { PROTOCOL_VERSION } from "../wire/message.ts";

/** The version of this package, as kernel_info tells it. */
export const KERNEL_VERSION = "0.1.0";

/** The content of a kernel_info_reply. */
export function kernelInfo(): object {
  return {
    status: "ok",
    protocol_version: PROTOCOL_VERSION,
    implementation: "fenl",
    implementation_version: KERNEL_VERSION,
    language_info: {
      name: "typescript",
      version: "6.0",
      mimetype: "text/typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      codemirror_mode: { name: "javascript", typescript: true },
      nbconvert_exporter: "script",
    },
    banner: `Fenl ${KERNEL_VERSION}: TypeScript cells, and %%fenl cells for temporal queries. %lsmagic lists the magics.`,
    help_links: [],
    debugger: false,
    supported_features: [],
  };
}
