export { ArgumentError } from "./api/argument-error.ts";
export { type ExplainQueryOptions, explainQuery, type QueryExplanation } from "./api/explain-query.ts";
export { type FenlDiagnostic, FenlError } from "./api/fenl-error.ts";
export type { Instant } from "./api/instant.ts";
export type { Listing, ListOptions } from "./api/listing.ts";
export type { Destination, Materialization } from "./api/materialization.ts";
export {
  createMaterialization,
  deleteMaterialization,
  getMaterialization,
  listMaterializations,
  refreshMaterialization,
} from "./api/materialization.ts";
export type { ParameterValue } from "./api/parameters.ts";
export type { PastQuery } from "./api/query.ts";
export { createQuery, getQuery, listQueries } from "./api/query.ts";
export type { QueryConfig, QueryMetrics, QueryResult, SchemaField } from "./api/query-result.ts";
export type { QueryOptions } from "./api/run-query.ts";
export { LocalBuilder, livingSession, Session } from "./api/session.ts";
export { type EntityKey, entityFilter, entityPercentFilter, type SliceFilter } from "./api/slice-filter.ts";
export {
  livingSparkSession,
  SparkBuilder,
  type SparkQueryOptions,
  SparkSession,
  type SparkTableOptions,
  type SparkWriteOptions,
  type SparkWritten,
} from "./api/spark-session.ts";
export type { LoadedTable, Table } from "./api/table.ts";
export { createTable, deleteTable, getTable, listTables, load, loadDataframe } from "./api/table.ts";
export type { View } from "./api/view.ts";
export { createView, deleteView, getView, listViews } from "./api/view.ts";
export { WriteError } from "./frames/write-file.ts";
export { SparkFault } from "./spark/spark-fault.ts";
export { TableError } from "./tables/table-error.ts";
