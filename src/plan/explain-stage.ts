import { alignColumns } from "../text/columns.ts";
import type { Plan, ValueId } from "./plan.ts";
import type { Sink, Stage, StageSource } from "./stages.ts";

/** A stage as lines: what it reads, the rows and values it computes, and where its rows go. */
export function explainStage(plan: Plan, stage: Stage): string {
  const loaded = new Set(stage.sources.flatMap((source) => (source.kind === "requests" ? [] : [...source.values])));
  const given = new Set(stage.sources.flatMap((source) => (source.kind === "answers" ? [] : [source.domain])));
  const ticks = new Set(stage.ticks.map(({ domain }) => domain));
  const rows = stage.domains.filter((id) => !given.has(id) && !ticks.has(id));
  const values = stage.values.filter((id) => !loaded.has(id));
  const cells = [
    ...stage.sources.map((source) => ["reads", sourceText(plan, source)]),
    ...stage.ticks.map(({ domain, of, unit }) => ["ticks", `r${domain}: ${unit}, along r${of}`]),
    ...(rows.length === 0 ? [] : [["rows", rows.map((id) => `r${id}`).join(" ")]]),
    ...(values.length === 0 ? [] : [["values", list(values)]]),
    ["writes", sinkText(plan, stage.sink)],
  ];
  return `stage ${stage.id}\n${alignColumns(cells, "  ")}`;
}

function list(values: readonly ValueId[]): string {
  return values.map((id) => `v${id}`).join(" ");
}

function sourceText(plan: Plan, source: StageSource): string {
  switch (source.kind) {
    case "scan": {
      const columns = source.values.map((id) => {
        const value = plan.values[id]!;
        return value.kind === "column" ? `v${id} ${value.column}` : `v${id}`;
      });
      return `r${source.domain}: table ${source.table}${columns.length === 0 ? "" : `, columns ${columns.join(", ")}`}`;
    }
    case "stored":
      return `r${source.domain}: stored rows${source.values.length === 0 ? "" : `, with ${list(source.values)}`}`;
    case "answers":
      return `the answers to l${source.lookup}: ${list(source.values)}`;
    case "requests":
      return `r${source.domain}: the requests of l${source.lookup}`;
  }
}

function sinkText(plan: Plan, sink: Sink): string {
  switch (sink.kind) {
    case "result":
      return `the result: each row of r${sink.domain}, with ${list(sink.columns)}`;
    case "final": {
      const what = sink.valid === null ? "row" : `row where v${sink.valid}`;
      const isNew = sink.isNew === null ? "" : ` that is new (v${sink.isNew})`;
      return `the result: each entity's last ${what} of r${sink.domain}${isNew}, with ${list(sink.columns)}`;
    }
    case "stored":
      return `stored rows for r${sink.domain}${sink.columns.length === 0 ? "" : `, with ${list(sink.columns)}`}`;
    case "requests":
      return `the requests of l${sink.lookup}${sink.last ? " on each entity's last row" : ""}, to the entities asked`;
    case "answers": {
      const parts = plan.lookups[sink.lookup]!.parts.map(({ value }) => value);
      return `the answers to l${sink.lookup}, to the entities that asked: ${list(parts)}`;
    }
  }
}
