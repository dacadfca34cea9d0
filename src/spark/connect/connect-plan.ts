import type { SparkStep, Task } from "../spark-job.ts";
import type { Message } from "./connect-client.ts";
import { pickledCall } from "./pickled-call.ts";
import { schemaJson } from "./schema-json.ts";

/** A data frame: how Spark makes it, and its columns. */
export interface ConnectFrame {
  readonly relation: Message;
  readonly columns: readonly string[];
}

/** What Python functions need to know. */
export interface PythonSettings {
  /** The executors' Python: `3.11`. */
  readonly version: string;
  /** Node on the executors. */
  readonly node: string;
}

/** PythonEvalType.SQL_MAP_ARROW_ITER_UDF. */
const MAP_ARROW = 207;

/** The files of a table as Spark reads them. */
export function readFiles(format: "parquet" | "binaryFile", paths: readonly string[]): ConnectFrame {
  // Descriptors tell maps as lists of entries.
  const source = { format, options: [{ key: "recursiveFileLookup", value: "true" }], paths };
  return { relation: { read: { data_source: source } }, columns: [] };
}

/** Expressions over a frame's rows. */
export function select(frame: ConnectFrame, expressions: readonly string[]): ConnectFrame {
  const columns = expressions.flatMap((text) => (text === "*" ? frame.columns : [/(\w+)`?$/.exec(text)![1]!]));
  const list = expressions.map((expression) => ({ expression_string: { expression } }));
  return { relation: { project: { input: frame.relation, expressions: list } }, columns };
}

/** The rows for which a condition holds. */
export function where(frame: ConnectFrame, condition: string): ConnectFrame {
  const filter = { input: frame.relation, condition: { expression_string: { expression: condition } } };
  return { relation: { filter }, columns: frame.columns };
}

/** Rows in the order of columns: all of them, or each partition's. */
export function sorted(frame: ConnectFrame, columns: readonly string[], isGlobal: boolean): ConnectFrame {
  const order = columns.map((column) => ({
    child: attribute(column),
    direction: "SORT_DIRECTION_ASCENDING",
    null_ordering: "SORT_NULLS_FIRST",
  }));
  return { relation: { sort: { input: frame.relation, order, is_global: isGlobal } }, columns: frame.columns };
}

/** The first rows. */
export function limited(frame: ConnectFrame, limit: number): ConnectFrame {
  return { relation: { limit: { input: frame.relation, limit } }, columns: frame.columns };
}

/** A command that writes Parquet files. */
export function writeCommand(frame: ConnectFrame, path: string, overwrite: boolean): Message {
  const mode = overwrite ? "SAVE_MODE_OVERWRITE" : "SAVE_MODE_ERROR_IF_EXISTS";
  return { command: { write_operation: { input: frame.relation, source: "parquet", path, mode } } };
}

/** The rows that a function of the shipped Python module makes of each partition. */
export function mapped(
  frame: ConnectFrame,
  call: { readonly name: string; readonly words: readonly string[] },
  schema: string,
  python: PythonSettings,
): ConnectFrame {
  const command = pickledCall("fenl_worker", call.name, [...call.words, schemaJson(schema), python.node]);
  const func = {
    function_name: call.name,
    deterministic: true,
    arguments: frame.columns.map(attribute),
    python_udf: {
      output_type: { unparsed: { data_type_string: schema } },
      eval_type: MAP_ARROW,
      command,
      python_ver: python.version,
    },
  };
  const columns = schema.split(/, (?=\w+ )/).map((field) => field.split(" ")[0]!);
  return { relation: { map_partitions: { input: frame.relation, func } }, columns };
}

function attribute(name: string): Message {
  return { unresolved_attribute: { unparsed_identifier: name } };
}

/** The frame of a step, but for those that are numbers. */
export function frameOf(
  step: Exclude<SparkStep, { kind: "fact" }>,
  frames: ReadonlyMap<string, ConnectFrame>,
  known: (task: Task) => Task,
  python: PythonSettings,
): ConnectFrame {
  const run = (frame: ConnectFrame, task: Task, schema: string) =>
    mapped(frame, { name: "connect_task", words: [JSON.stringify(known(task))] }, schema, python);
  switch (step.kind) {
    case "read":
      return select(readFiles("parquet", step.paths), step.select);
    case "map":
      return run(frames.get(step.input)!, step.task, step.schema);
    case "shuffle": {
      const parts = step.inputs.map((input) => select(frames.get(input.step)!, input.select));
      const rows = parts.reduce((left, right) => ({
        relation: union(left.relation, right.relation),
        columns: left.columns,
      }));
      const divided = {
        repartition_by_expression: {
          input: rows.relation,
          partition_exprs: [attribute("_h")],
          num_partitions: step.partitions,
        },
      };
      const inOrder = sorted({ relation: divided, columns: rows.columns }, step.sort, false);
      return run(select(inOrder, step.select), step.task, step.schema);
    }
  }
}

function union(left: Message, right: Message): Message {
  return {
    set_op: { left_input: left, right_input: right, set_op_type: "SET_OP_TYPE_UNION", is_all: true, by_name: false },
  };
}
