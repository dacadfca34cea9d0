/** What answers depend on, whatever the cluster's own settings are. `fenl_driver.py` asks the planner for them. */
export const SETTINGS: Readonly<Record<string, string>> = {
  "spark.sql.session.timeZone": "UTC",
  "spark.sql.caseSensitive": "true",
  "spark.sql.legacy.parquet.nanosAsLong": "true",
  "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
  "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
  "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
  "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
  "spark.sql.parquet.mergeSchema": "false",
  "spark.sql.parquet.binaryAsString": "false",
  "spark.sql.execution.arrow.useLargeVarTypes": "false",
  "spark.sql.execution.arrow.maxRecordsPerBatch": "65536",
};
