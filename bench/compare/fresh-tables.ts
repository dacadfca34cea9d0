import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Whether the tables that a list names were prepared by the code as it is. */
export function areFresh(list: string): boolean {
  if (!existsSync(list)) return false;
  const code = join(import.meta.dirname, "../../src/tables");
  const changed = readdirSync(code, { recursive: true }).map((name) => statSync(join(code, String(name))).mtimeMs);
  return statSync(list).mtimeMs > Math.max(...changed);
}
