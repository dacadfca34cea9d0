import { totalmem } from "node:os";
import type { TypedQuery } from "../analyze/typed.ts";
import { CODES } from "../text/codes.ts";
import type { Diagnostic } from "../text/diagnostic.ts";
import { type Exhaustion, MemoryExhausted } from "./rows/memory-exhausted.ts";

const MORE = "`limits.memory`, `LocalBuilder.memoryLimit` or `--memory-limit` sets another one";
const IN_PARTS = "`toCsv(path)`, `toParquet(path)` and `batches()` take some rows of the answer at a time";
const LESS = "A window, a smaller `max` of `collect` or rounded values make aggregations keep less";

/** The diagnostic of a query that has run out of memory, at the aggregation that keeps most. */
export function outOfMemory(query: TypedQuery, exhaustion: Exhaustion, limit = totalmem() / 4): Diagnostic {
  const { aggregation, form } = exhaustion;
  const spans = query.nodes.flatMap((node) =>
    node.kind === "call" && node.function === aggregation?.function ? [node.span] : [],
  );
  const [span = query.nodes[query.root]!.span, ...others] = spans;
  const { message } = new MemoryExhausted(exhaustion);
  return {
    code: "E0016",
    severity: "error",
    message: CODES.E0016,
    labels: [
      { style: "primary", span, message: `${message.charAt(0).toUpperCase()}${message.slice(1)}` },
      ...others.map((other) => ({ style: "secondary" as const, span: other, message: "Or this call of it" })),
    ],
    notes: form === undefined ? [`The memory limit is ${(limit / 1e6).toPrecision(3)} MB: ${MORE}`, LESS] : [IN_PARTS],
  };
}
