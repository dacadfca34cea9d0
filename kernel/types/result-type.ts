import type { QueryResult } from "../../src/api/query-result.ts";

/** The packages that the declarations speak of. */
const ENGINE = "fenl";
const FRAMES = "danfojs-node";

/** Columns that every result has before its fields. */
const IDENTITY_COLUMNS = ["_time", "_subsort", "_key_hash", "_key"];

/** TypeScript that declares a variable as the result of a query: its frame has the query's columns and no others. */
export function declareResult(name: string, { schema }: Pick<QueryResult, "schema">): string {
  const columns = [...new Set([...IDENTITY_COLUMNS, ...schema.map((field) => field.name)])];
  const literals = columns.map((column) => JSON.stringify(column));
  const frame = `FenlFrame_${name}`;
  const result = `FenlResult_${name}`;
  return `import type { QueryResult as FenlQueryResult } from "${ENGINE}";
import type { DataFrame as FenlDataFrame, Series as FenlSeries } from "${FRAMES}";
type FenlFrameMembers = {
  [K in keyof FenlDataFrame as string extends K ? never : number extends K ? never : K]: FenlDataFrame[K];
};
interface ${frame} extends Omit<FenlFrameMembers, ${literals.join(" | ")}> {
${columns.map((column, index) => `  readonly ${literals[index]}: FenlSeries;${typeNote(column, schema)}`).join("\n")}
}
interface ${result} extends Omit<FenlQueryResult, "dataframe"> {
  /** The answer as a Danfo frame. */
  readonly dataframe: ${frame};
}
declare let ${name}: ${result};
`;
}

function typeNote(column: string, schema: QueryResult["schema"]): string {
  const type = schema.find((field) => field.name === column)?.type;
  return type === undefined ? "" : ` // ${type.replace(/[^\x20-\x7e]/g, "?")}`;
}

/** TypeScript that declares a variable of which nothing is known. */
export function declareUnknown(name: string): string {
  return `declare let ${name}: any;\n`;
}
