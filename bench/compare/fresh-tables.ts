import { existsSync, statSync } from "node:fs";

/** Whether the tables that a list names were prepared by the code that runs: an older one may have had another format. */
export function areFresh(list: string): boolean {
  return existsSync(list) && statSync(list).mtimeMs > statSync(process.argv[1]!).mtimeMs;
}
