import { isTextKey } from "../../compile/stage-layout.ts";
import { numbersFrom } from "../rows/copy-values.ts";
import { type FileTexts, readFileCodes } from "../rows/file-codes.ts";
import { preparedLayout } from "../rows/prepared-layout.ts";
import { isSpilled } from "../rows/row-run.ts";
import type { StoredRows } from "../rows/row-set.ts";
import type { ChainedStage, ChainSource, JobResult } from "../rows/stage-job.ts";

/** The rows that a stage hands out, with the texts of their keys where it was told to bring them along and they are at hand. */
export function withKeyTexts(result: JobResult, { output, sources, memory }: ChainedStage): JobResult {
  if (output.kind !== "plain" || !output.keyTexts) return result;
  const files = keyFiles(sources);
  return {
    ...result,
    rows: result.rows.map((run) => (isSpilled(run) ? run : withTexts(run, files, memory.spareBytes))),
  };
}

function withTexts(rows: StoredRows, files: readonly FileTexts[], mostBytes: number): StoredRows {
  const { key } = rows;
  if (rows.rows === 0 || key === undefined || key.valid !== undefined || !isTextKey(key.type)) return rows;
  const codes = key.values as Int32Array;
  const dictionary = readFileCodes(files, codes, mostBytes);
  if (dictionary === null) return rows;
  return { ...rows, hasKeyTexts: true, key: { ...key, values: numbersFrom(0, codes), dictionary } };
}

/** The texts of the files' keys that the sources read, by their codes. */
function keyFiles(sources: readonly ChainSource[]): FileTexts[] {
  const files = new Map<string, FileTexts>();
  for (const source of sources) {
    if (source.kind !== "scan" || source.keyColumn === undefined) continue;
    for (const { file, keyBase } of source.files) {
      const place = preparedLayout(file)?.columns.get(source.keyColumn.name)?.texts;
      if (place && place.count > 0) files.set(`${keyBase}`, { base: keyBase, path: file.path, place });
    }
  }
  return [...files.values()].sort((a, b) => a.base - b.base);
}
