/** The files that travel with a job. */
export const JOB_FILES = {
  driver: new URL("../../spark/fenl_driver.py", import.meta.url),
  workerModule: new URL("../../spark/fenl_worker.py", import.meta.url),
  workerBundle: new URL("../../dist/spark/fenl-worker.mjs", import.meta.url),
  plannerBundle: new URL("../../dist/spark/fenl-planner.mjs", import.meta.url),
} as const;
