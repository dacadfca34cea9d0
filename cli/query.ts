import { Command, InvalidArgumentError, Option } from "commander";
import type { ParameterValue } from "../src/api/parameters.ts";
import { parseTimestamp } from "../src/values/timestamp.ts";
import { readScalar, splitNamedValue } from "./named-value.ts";
import { getQueryCommand, listQueriesCommand } from "./past-queries.ts";
import type { QueryRequest } from "./query-request.ts";
import { withResources } from "./resource-options.ts";

/** The exit status of a wrong command line; a wrong query or wrong data is 1. */
const USAGE = 2;

/** `fenl query`: runs one query over files or over a store, and writes the answer. */
export function queryCommand(): Command {
  return running("query")
    .enablePositionalOptions()
    .addCommand(running("run"))
    .addCommand(listQueriesCommand())
    .addCommand(getQueryCommand());
}

function running(name: string): Command {
  return withResources(new Command(name))
    .description("Run a query over files (--tables) or over a store of tables (--store), and write the answer.")
    .argument("[query]", "the Fenl text; - reads it from standard input")
    .option("-f, --file <file>", "read the query from a file")
    .option(
      "--tables <file>",
      "a JSON list of {name, file, timeColumn, entityKeyColumn, subsortColumn?, grouping?, columns?, timeFormat? ...}; files are relative to it",
    )
    .option("--store <folder>", "the tables of this store (default: $FENL_HOME, else ~/.cache/fenl)")
    .addOption(
      new Option("--format <format>", "the form of the answer")
        .choices(["csv", "jsonl", "parquet", "arrow"])
        .default("csv"),
    )
    .option("-o, --out <file>", "write the answer to a file (default: standard output)")
    .addOption(
      new Option("-r, --result-behavior <behavior>", "all rows, or the last one of each entity").choices([
        "all-results",
        "final-results",
      ]),
    )
    .addOption(
      new Option("--row-order <order>", "rows by time over all entities, or entity by entity").choices([
        "time",
        "entity",
      ]),
    )
    .option("--final-time <time>", "final results as of this time (RFC 3339)", readTime)
    .option("--changed-since <time>", "only results that changed at or after this time (RFC 3339)", readTime)
    .option("-p, --preview-rows <n>", "stop after this many rows", readCount)
    .option("--slice-percent <percent>", "read this share of the entities (0.1 to 100)", readPercent)
    .option("--entity <key...>", "read these entities only")
    .option(
      "--param <name=value>",
      "a value that the query names $name: a number, true, false, null, or a text; may be repeated",
      readParameter,
    )
    .option("--data-token <id>", "read this version of the store's data")
    .option("--dry-run", "check the query and print its schema as JSON, without running it")
    .addOption(
      new Option("--explain <what>", "show what becomes of the query, without running it")
        .choices(["ast", "typed", "plan", "wasm"])
        .conflicts("dryRun"),
    )
    .addOption(new Option("--on <engine>", "where the query runs").choices(["local", "spark"]))
    .option(
      "--master <url>",
      "on Spark: the cluster, as Spark writes it, or sc://host:port of Spark Connect (default: local[*,4])",
    )
    .option("--spark-submit <command>", "on Spark: the command (default: of $SPARK_HOME, else on the path)")
    .option("--python <command>", "on Spark: the Python of driver and executors, with pyarrow")
    .option("--python-version <version>", "with --master sc://...: the executors' Python, such as 3.11")
    .option("--executor-node <command>", "on Spark: Node on the executors, or its path in an archive (default: node)")
    .option("--archives <path...>", "on Spark: archives for each executor, such as node.tar.gz#node")
    .option("--conf <name=value>", "on Spark: a setting of Spark; may be repeated", readSetting)
    .option("--partitions <n>", "on Spark: into how many partitions rows are shuffled", readCount)
    .option("--overwrite", "on Spark: replace what is at --out")
    .addHelpText(
      "after",
      `
Examples:
  fenl query --tables tables.json '{ total: sum(Purchase.amount) }'
  fenl query --store data --file features.fenl --format parquet --out features.parquet
  echo 'Purchase' | fenl query --tables tables.json - --format jsonl
  fenl query --tables tables.json --param limit=100 'Purchase | when($input.amount > $limit)'
  fenl query --on spark --master spark://host:7077 --tables tables.json --file features.fenl --format parquet --out s3a://bucket/features
  fenl query --store data --file features.fenl --memory-limit 2GB --temp-directory /scratch --out features.csv
  fenl query --tables tables.json --explain plan '{ total: sum(Purchase.amount) }'

Exit status: 0 for an answer, 1 for a wrong query or wrong data, 2 for a wrong command line.`,
    )
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : USAGE))
    .action(async (query: string | undefined, options: Omit<QueryRequest, "query">) => {
      // The engine takes longer to load than the command's help to print.
      const { answerQuery } = await import("./query-request.ts");
      process.exitCode = await answerQuery({ ...options, query });
    });
}

function readCount(text: string): number {
  if (!/^[1-9]\d*$/.test(text) || !Number.isSafeInteger(Number(text))) {
    throw new InvalidArgumentError("It must be a whole number from 1.");
  }
  return Number(text);
}

function readSetting(text: string, before: ReadonlyMap<string, string> = new Map()) {
  const [, name, value] = /^([^=\s]+)=([\s\S]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError("It must be written name=value.");
  return new Map(before).set(name, value);
}

function readPercent(text: string): number {
  const percent = Number(text);
  if (!(percent >= 0.1 && percent <= 100)) throw new InvalidArgumentError("It must be a number from 0.1 to 100.");
  return percent;
}

function readParameter(text: string, before: ReadonlyMap<string, ParameterValue> = new Map()) {
  const [name, value] = splitNamedValue(text, before);
  return new Map(before).set(name, readScalar(value));
}

function readTime(text: string): string {
  if (parseTimestamp(text) !== null) return text;
  throw new InvalidArgumentError("It must be a time such as 2022-01-01T10:00:00Z.");
}
