import { type Part, partText, readParts } from "./wat-tree.ts";

/**
 * What some rows do at once that one after the other do nothing but count and set locals to constants; null where they do
 * anything else.
 * @param body what is done on a row
 * @param rows how many there are, at least one: an i32
 */
export function rowsAtOnce(body: string, rows: string): string | null {
  const counts = new Set<string>();
  const constants = new Set<string>();
  const statements: string[] = [];
  for (const statement of readParts(body)) {
    const [instruction, local, value] = statement;
    if (instruction !== "local.set" || typeof local !== "string" || statement.length !== 3) return null;
    const isCount = partText(value!) === `(i32.add (local.get ${local}) (i32.const 1))`;
    // What is counted is counted once a row, and not begun anew.
    if (counts.has(local) || (isCount ? constants.has(local) : !isConstant(value!))) return null;
    (isCount ? counts : constants).add(local);
    statements.push(isCount ? `(local.set ${local} (i32.add (local.get ${local}) ${rows}))` : partText(statement));
  }
  return statements.join("\n");
}

function isConstant(value: Part): boolean {
  return Array.isArray(value) && value.length === 2 && /^[if](32|64)\.const$/.test(String(value[0]));
}
