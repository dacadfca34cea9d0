import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { TableError } from "./table-error.ts";

/**
 * The folder for temporary files, which may be as large as tables and answers: `$FENL_TMPDIR`, else the system's.
 * @throws TableError where the folder that was asked for is none
 */
export function temporaryFolder(): string {
  const asked = process.env.FENL_TMPDIR;
  if (!asked) return tmpdir();
  const folder = resolve(asked);
  const kind = statSync(folder, { throwIfNoEntry: false });
  if (kind?.isDirectory()) return folder;
  const why = kind === undefined ? "there is no such folder" : "it is no folder";
  throw new TableError("file", `temporary files cannot go to ${folder}, which FENL_TMPDIR names: ${why}`, {
    file: folder,
  });
}
