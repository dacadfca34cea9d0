import type { OutputMessage } from "./cell-outputs.ts";

/** The first line of a cell with something on it, and how many follow. */
export function cellHead(source: string): string {
  const lines = source.split("\n");
  const first = lines.findIndex((line) => line.trim() !== "");
  const rest = lines.slice(first + 1).filter((line) => line.trim() !== "").length;
  const head = lines[first] ?? "";
  const short = head.length > 100 ? `${head.slice(0, 99)}…` : head;
  return rest === 0 ? short : `${short}  (+${rest} ${rest === 1 ? "line" : "lines"})`;
}

/** An output as a terminal shows it. */
export function outputText({ type, content }: OutputMessage): string {
  switch (type) {
    case "stream":
      return String(content.text);
    case "execute_result":
    case "display_data":
    case "update_display_data":
      return `${plainText(content.data)}\n`;
    case "error":
      return `${(content.traceback as string[]).join("\n")}\n`;
    default:
      return "";
  }
}

function plainText(data: unknown): string {
  const bundle = data as Record<string, unknown>;
  const text = bundle["text/plain"];
  return typeof text === "string" ? text : `<${Object.keys(bundle).join(", ")}>`;
}
