import type { DomainId, Plan, ValueId } from "../plan/plan.ts";
import type { Stage, StageSource } from "../plan/stages.ts";
import type { PreparedFile, TableSnapshot } from "../tables/table-snapshot.ts";
import { type FenlType, sameType } from "../values/fenl-type.ts";
import type { IdentityParts, SourceFacts } from "./emit-sources.ts";

/**
 * What the compiler has to know of a stage's sources: where the entity key is, and whether rows can be tied.
 * @param storedKeyType the type of the entity keys that came with stored rows, where they did
 * @param isNeverNull whether a value of a source is known to be there on all of the source's rows
 * @param identityOf which columns of identity the rows have that other entities sent, where that is known
 */
export function sourceFacts(
  plan: Plan,
  stage: Stage,
  tables: ReadonlyMap<string, TableSnapshot>,
  storedKeyType: (domain: DomainId) => FenlType | undefined,
  isNeverNull: (source: StageSource, value: ValueId) => boolean = () => false,
  identityOf: (source: StageSource) => IdentityParts | undefined = () => undefined,
): SourceFacts[] {
  const { sink } = stage;
  const shifts = sink.kind === "stored" && plan.domains[sink.domain]!.kind === "shift";
  const wanted = sink.kind === "result" || sink.kind === "final" || shifts;
  const facts = stage.sources.map((source): SourceFacts => {
    if (source.kind === "scan") {
      const table = tables.get(source.table)!;
      return { keyType: table.keyType, ties: haveTies(table.files), shortSubsorts: haveOneFirst(table.files) };
    }
    if (source.kind !== "stored") return {};
    const keyType = storedKeyType(source.domain);
    return keyType ? { keyType } : {};
  });
  const keyType = facts.find((fact) => fact.keyType)?.keyType;
  const rows = stage.sources.map((source, index) => (facts[index]!.keyType ? rowsOf(source, tables) : -1));
  const most = rows.indexOf(Math.max(...rows));
  return facts.map((fact, index) => {
    const use = wanted && fact.keyType && keyType && sameType(fact.keyType, keyType);
    const source = stage.sources[index]!;
    const values = source.kind === "scan" || source.kind === "stored" ? source.values : [];
    const neverNull = values.filter((value) => isNeverNull(source, value));
    const identity = identityOf(source);
    return {
      ...(use ? { keyType } : {}),
      ...(use && index === most ? { mostRows: true } : {}),
      ties: fact.ties === true,
      ...(fact.shortSubsorts ? { shortSubsorts: true } : {}),
      neverNull,
      times: timesOf(plan, source, tables),
      ...(identity ? { identity } : {}),
    };
  });
}

function rowsOf(source: StageSource, tables: ReadonlyMap<string, TableSnapshot>): number {
  return source.kind === "scan" ? tables.get(source.table)!.files.reduce((sum, { rows }) => sum + rows, 0) : 0;
}

/** Whether the subsorts of some files are stored as what they have above the same first one. */
function haveOneFirst(files: readonly PreparedFile[]): boolean {
  return files[0]?.firstSubsort !== undefined && files.every((file) => file.firstSubsort === files[0]!.firstSubsort);
}

/** Whether rows of some files may share key hash, time and subsort. */
function haveTies(files: readonly PreparedFile[]): boolean {
  if (files.some((file) => !file.distinct)) return true;
  const sorted = [...files].sort((a, b) => (BigInt(a.firstKeyHash) < BigInt(b.firstKeyHash) ? -1 : 1));
  return sorted.some((file, index) => index > 0 && BigInt(sorted[index - 1]!.lastKeyHash) >= BigInt(file.firstKeyHash));
}

const NANOSECONDS: Readonly<Record<string, number>> = {
  timestamp_ns: 1,
  timestamp_us: 1e3,
  timestamp_ms: 1e6,
  timestamp_s: 1e9,
};

/** The values of a table's time column, where its type is that of the rows' times or a coarser one. */
function timesOf(
  plan: Plan,
  source: StageSource,
  tables: ReadonlyMap<string, TableSnapshot>,
): ReadonlyMap<ValueId, number> {
  const times = new Map<ValueId, number>();
  if (source.kind !== "scan") return times;
  for (const id of source.values) {
    const value = plan.values[id]!;
    const unit = NANOSECONDS[value.type.kind];
    if (value.kind !== "column" || unit === undefined) continue;
    if (value.column === tables.get(source.table)!.timeColumn) times.set(id, unit);
  }
  return times;
}
