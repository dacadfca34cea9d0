import assert from "node:assert";
import { analyze } from "../../src/analyze/analyze.ts";
import { allFunctions, signatureOf } from "../../src/functions/catalog.ts";
import type { FunctionRecord } from "../../src/functions/define.ts";
import type { TypeClass } from "../../src/functions/signature.ts";
import type { FenlType } from "../../src/values/fenl-type.ts";
import { exampleTables } from "./example-tables.ts";

type Group = "integer" | "float" | "time" | "duration" | "days" | "months" | "string" | "bool" | "record" | "other";

function groupOf(type: FenlType): Group {
  if (/^[iu]\d+$/.test(type.kind)) return "integer";
  if (/^f\d+$/.test(type.kind)) return "float";
  if (/^(timestamp|date)/.test(type.kind)) return "time";
  if (type.kind.startsWith("duration_")) return "duration";
  if (type.kind === "interval_days") return "days";
  if (type.kind === "interval_months") return "months";
  return type.kind === "string" || type.kind === "bool" || type.kind === "record" ? type.kind : "other";
}

/** What the examples of a function must show of a type class: all of these, and then at least so many groups. */
const SHOWN: Readonly<Record<TypeClass, { readonly groups: readonly Group[]; readonly atLeast: number }>> = {
  any: { groups: [], atLeast: 2 },
  key: { groups: [], atLeast: 2 },
  number: { groups: ["integer", "float"], atLeast: 2 },
  signed: { groups: ["integer", "float"], atLeast: 2 },
  float: { groups: ["float"], atLeast: 1 },
  ordered: { groups: ["integer"], atLeast: 2 },
  timedelta: { groups: ["duration", "days", "months"], atLeast: 3 },
};

/** The groups of the types that a variable has in the calls of the examples. */
function witnessed(record: FunctionRecord, variable: string): Set<Group> {
  const groups = new Set<Group>();
  for (const example of record.examples) {
    const { query } = analyze(example.query, { tables: exampleTables(example), views: [] });
    for (const node of query?.nodes ?? []) {
      const type = node.kind === "call" && node.function === record.name ? node.types[variable] : undefined;
      if (type) groups.add(groupOf(type));
    }
  }
  return groups;
}

/** The arguments of windows are resolved to plain numbers before there are calls to look at. */
function isWindow(record: FunctionRecord): boolean {
  const { result } = signatureOf(record);
  return result.kind === "concrete" && result.type.kind === "window";
}

describe("type classes in signatures", () => {
  for (const record of allFunctions().filter((one) => !isWindow(one))) {
    for (const { name, class: typeClass } of signatureOf(record).variables) {
      it(`${record.name}: examples show ${name} as ${typeClass}`, () => {
        const groups = witnessed(record, name);
        const { groups: needed, atLeast } = SHOWN[typeClass];
        assert.deepStrictEqual(
          needed.filter((group) => !groups.has(group)),
          [],
        );
        assert.ok(groups.size >= atLeast, `only ${[...groups].join(", ")}`);
      });
    }
  }
});
