import { loadSlot, rowAddress } from "./stage-layout.ts";
import type { StageWriter } from "./stage-writer.ts";

const CALL = "(call $text_less ";

/** The function by which some texts of a stage compare texts: by their ranks, as far as these are known. Empty where none does. */
export function textOrder(writer: StageWriter, texts: readonly string[]): string[] {
  if (!texts.some((text) => text.includes(CALL))) return [];
  const { layout } = writer;
  const ranks = { ranks: layout.slot(), codes: layout.slot() };
  writer.imports.push({
    kind: "before",
    name: "text_before",
    parameters: [{ kind: "string" }, { kind: "string" }],
    result: { kind: "bool" },
    ranks,
  });
  const [a, b] = ["(local.get $a)", "(local.get $b)"];
  const rank = (code: string) => `(i32.load ${rowAddress(loadSlot(ranks.ranks), code, "i32")})`;
  const known = (code: string) => `(i32.lt_u ${code} ${loadSlot(ranks.codes)})`;
  return [
    `(func $text_less (param $a i32) (param $b i32) (result i32)
    (if (i32.eq ${a} ${b}) (then (return (i32.const 0))))
    (if (i32.and ${known(a)} ${known(b)}) (then (return (i32.lt_u ${rank(a)} ${rank(b)}))))
    (call $text_before ${a} ${b}))`,
  ];
}
