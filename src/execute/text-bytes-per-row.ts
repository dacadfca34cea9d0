import type { Plan } from "../plan/plan.ts";
import type { Stage } from "../plan/stages.ts";
import type { TableSnapshot } from "../tables/table-snapshot.ts";
import { preparedLayout } from "./rows/prepared-layout.ts";

/** Bytes that a text takes in JavaScript, but for its characters, about. */
const BYTES_PER_TEXT = 64;

/** The bytes that the texts take which a stage reads of tables, for each of its rows, about: repeated ones count once. */
export function textBytesPerRow(plan: Plan, { sources }: Stage, tables: ReadonlyMap<string, TableSnapshot>): number {
  let sum = 0;
  for (const source of sources) {
    if (source.kind !== "scan") continue;
    const { files } = tables.get(source.table)!;
    const rows = files.reduce((count, file) => count + file.rows, 0);
    if (rows === 0) continue;
    for (const id of source.values) {
      const value = plan.values[id]!;
      if (value.kind !== "column" || value.type.kind !== "string") continue;
      for (const file of files) {
        const texts = preparedLayout(file)?.columns.get(value.column)?.texts;
        if (texts) sum += (texts.bytes.length + BYTES_PER_TEXT * texts.count) / rows;
      }
    }
  }
  return sum;
}
