import { type FenlType, representationOf } from "../values/fenl-type.ts";
import { loadSlot, rowAddress, type TableSlots } from "./stage-layout.ts";
import type { StageWriter } from "./stage-writer.ts";

/** Texts with equal codes are equal, and their codes are small numbers; lists and records get a new one each time. */
export function isTextCode(type: FenlType): boolean {
  return type.kind === "json" || type.kind === "string" || type.kind === "large_string";
}

/** What is known of a text's result: nothing yet, that it is there, that there is none. */
export const RESULT = { unknown: 0, there: 1, none: 2 } as const;

/** Room in the context block for where the results of a function of one text are. */
export function tableSlots(writer: StageWriter, name: string): TableSlots {
  const { layout } = writer;
  const table = { known: layout.slot(), values: layout.slot(), codes: layout.slot() };
  for (const [part, offset] of Object.entries(table)) writer.address(`${name}_${part}`, offset);
  writer.scratch(`${name}_state`, "i32");
  return table;
}

/** A function of the module's own that takes a text's result from the table of an import that is never null. */
export function tableFunction(
  writer: StageWriter,
  name: string,
  otherwise: string,
  result: FenlType,
): { readonly table: TableSlots; readonly text: string } {
  const { layout } = writer;
  const table = { known: layout.slot(), values: layout.slot(), codes: layout.slot() };
  const representation = representationOf(result);
  const code = "(local.get $code)";
  const known = `(i32.load8_u (i32.add ${loadSlot(table.known)} ${code}))`;
  const text = `(func $${name} (param $code i32) (result ${representation})
    (if (i32.lt_u ${code} ${loadSlot(table.codes)}) (then
      (if ${known} (then (return (${representation}.load ${rowAddress(loadSlot(table.values), code, representation)}))))))
    (call $${otherwise} ${code}))`;
  return { table, text };
}

/** Takes the result of a text from the import's table; `otherwise` asks the import, which puts it there. */
export function lookUpResult(
  name: string,
  code: string,
  result: FenlType,
  locals: { readonly value: string; readonly valid: string },
  otherwise: string,
): string {
  const representation = representationOf(result);
  const at = rowAddress(`(local.get $${name}_values)`, code, representation);
  return `(local.set $${name}_state (i32.const ${RESULT.unknown}))
    (if (i32.lt_u ${code} (local.get $${name}_codes)) (then
      (local.set $${name}_state (i32.load8_u (i32.add (local.get $${name}_known) ${code})))))
    (if (local.get $${name}_state)
      (then
        (local.set ${locals.value} (${representation}.load ${at}))
        (local.set ${locals.valid} (i32.eq (local.get $${name}_state) (i32.const ${RESULT.there}))))
      (else ${otherwise}))`;
}
