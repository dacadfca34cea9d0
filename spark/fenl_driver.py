"""Drives Spark for Fenl queries: reads requests, asks the planner (a Node process) what to do, and has Spark do it.

Started by spark-submit. Requests and answers are lines of JSON on a connection to whoever started the driver
(--control); a request `{"kind": "cancel"}`, or the end of the connection, cancels what runs. A driver that runs in a
cluster is given its requests in a file (--request), and prints its answers.
"""

import argparse
import base64
import json
import os
import queue
import re
import socket
import subprocess
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor

import fenl_worker
from pyspark import SparkFiles
from pyspark import inheritable_thread_target
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession, functions

PLANNER = "fenl-planner.mjs"
# Larger files do not fit one value.
MOST_DIGESTED = (1 << 31) - 1 - (1 << 20)
# Queries that run at a time.
MOST_QUERIES = 4
FAULT = re.compile(r"\[fenl-fault:([A-Za-z0-9+/=]+)\]")


class Fault(Exception):
    """What a request is answered with instead of rows."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.fault = {"kind": kind, "message": message}


class Control:
    """Where requests come from and answers go."""

    def __init__(self, address, request_file):
        self.connection, self.lock = None, threading.Lock()
        if address:
            host, port = address.rsplit(":", 1)
            self.connection = socket.create_connection((host, int(port)))
            self.source = self.connection.makefile("r", encoding="utf-8")
            self.answer({"kind": "hello", "token": os.environ["FENL_DRIVER_TOKEN"]})
        else:
            self.source = open(request_file, encoding="utf-8")

    def answer(self, message):
        line = json.dumps(message) + "\n"
        if self.connection:
            with self.lock:
                self.connection.sendall(line.encode())
        else:
            print(line, end="", flush=True)

    def read(self, incoming, cancel):
        """Hands requests on; a request to cancel, and the end of the connection, cancel what runs."""
        try:
            for line in self.source:
                request = json.loads(line)
                if request["kind"] == "cancel":
                    cancel(request["id"])
                else:
                    incoming.put(request)
        except OSError:
            pass
        if self.connection:
            # Nobody is there to be answered any more.
            cancel(None)
        incoming.put(None)


class Planner:
    """The Node process that makes steps of queries."""

    def __init__(self, node, bundle):
        self.child = subprocess.Popen([node, bundle], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1 << 20)
        self.lock = threading.Lock()

    def ask(self, question):
        with self.lock:
            self.child.stdin.write(json.dumps(question).encode() + b"\n")
            self.child.stdin.flush()
            line = self.child.stdout.readline()
        if not line:
            raise Fault("engine", f"the planner ended with status {self.child.wait()}")
        return json.loads(line)

    def stop(self):
        self.child.kill()
        self.child.wait()


class Driver:
    def __init__(self, spark, planner, executor_node):
        self.planner, self.executor_node = planner, executor_node
        self.closed, self.cancelled = threading.Event(), set()
        # By paths, the files that were there, and what was found in them.
        self.known = {}
        self.spark, self.single = spark, spark.newSession()
        settings = planner.ask({"kind": "settings"})
        for session in (self.spark, self.single):
            for name, value in settings.items():
                session.conf.set(name, value)
        # Whole files are read as one value each.
        self.single.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "1")

    def run(self, request):
        """Has Spark answer a request; gives what the planner says of the query."""
        self.spark.sparkContext.addJobTag(tag(request["id"]))
        query = request["query"]
        self.stop_if_cancelled(request)
        planned = self.plan(query)
        self.stop_if_cancelled(request)
        job = planned.pop("job", None)
        if job is None:
            return planned
        frames = self.frames(job["steps"])
        self.stop_if_cancelled(request)
        result = job["result"]
        frame = frames[result["step"]]
        if query["destination"] == "parquet":
            self.write(frame.selectExpr(*result["write"]), query["path"], query["overwrite"])
        else:
            rows = frame.selectExpr(*result["select"]).orderBy(*result["order"])
            if query.get("previewRows") is not None:
                rows = rows.limit(query["previewRows"])
            with open(request["answer"], "wb") as file:
                file.write(encoded(rows.toArrow()))
        return planned

    def cancel(self, request):
        """Cancels a request; None: all of them, and takes no more."""
        context = self.spark.sparkContext
        if request is None:
            self.closed.set()
            context.cancelAllJobs()
        else:
            self.cancelled.add(request)
            context.cancelJobsWithTag(tag(request))

    def stop_if_cancelled(self, request):
        if self.closed.is_set() or request["id"] in self.cancelled:
            raise Fault("spark", "the query was cancelled")

    def plan(self, query):
        """Steps for a query; its tables' files are looked at first."""
        every = False
        while True:
            wanted = self.planner.ask({"kind": "tables", "query": query, "all": every})
            facts = {}
            for table in wanted["tables"]:
                try:
                    facts[table["name"]] = self.files(table["paths"], table["digest"])
                except PySparkException:
                    if table["needed"]:
                        raise
            parallelism = self.spark.sparkContext.defaultParallelism
            planned = self.planner.ask({"kind": "plan", "query": query, "facts": facts, "parallelism": parallelism})
            if every or not planned.get("wantsAll"):
                return planned
            every = True

    def files(self, paths, digest):
        """What is known of the files at some paths."""
        reader = self.single.read.format("binaryFile").option("recursiveFileLookup", "true")
        every = reader.load(paths).selectExpr(
            "xxhash64(_metadata.file_path) as id",
            "_metadata.file_path as path",
            "length",
            "unix_micros(modificationTime) as changed",
            "content",
        )
        listed = every.select("id", "path", "length", "changed").collect()
        if not listed:
            return []
        known = self.known.get((*paths, digest))
        if known and known[0] == sorted(listed):
            return known[1]
        sized = sorted(listed, key=lambda row: (row.length, row.path))
        if digest and sized[-1].length > MOST_DIGESTED:
            described = {}
        else:
            read = every if digest else every.where(functions.col("path") == sized[0].path)
            node = self.executor_node
            rows = read.select("id", "content").mapInArrow(
                lambda batches: fenl_worker.file_facts(digest, batches, node),
                "id bigint, subsort bigint, schema string, fault string",
            )
            described = {row.id: row for row in rows.collect()}
        facts = [file_fact(row, described.get(row.id)) for row in listed]
        self.known[(*paths, digest)] = (sorted(listed), facts)
        return facts

    def frames(self, steps):
        """A data frame for each step."""
        frames, facts = {}, {}
        node = self.executor_node
        for step in steps:
            kind = step["kind"]
            if kind == "read":
                reader = self.spark.read.option("recursiveFileLookup", "true")
                frames[step["id"]] = reader.parquet(*step["paths"]).selectExpr(*step["select"])
            elif kind == "map":
                frames[step["id"]] = frames[step["input"]].mapInArrow(task(step["task"], facts, node), step["schema"])
            elif kind == "shuffle":
                parts = [frames[one["step"]].selectExpr(*one["select"]) for one in step["inputs"]]
                rows = parts[0]
                for part in parts[1:]:
                    rows = rows.union(part)
                rows = rows.repartition(step["partitions"], "_h").sortWithinPartitions(*step["sort"])
                rows = rows.selectExpr(*step["select"])
                frames[step["id"]] = rows.mapInArrow(task(step["task"], facts, node), step["schema"])
            elif kind == "fact":
                facts[step["id"]] = frames[step["input"]].selectExpr(step["expression"]).first()[0]
            else:
                raise Fault("engine", f"the planner asks for a step of kind {kind}")
        return frames

    def write(self, frame, path, overwrite):
        jvm = self.spark.sparkContext._jvm
        folder = jvm.org.apache.hadoop.fs.Path(path)
        system = folder.getFileSystem(self.spark.sparkContext._jsc.hadoopConfiguration())
        existed = system.exists(folder)
        if existed and not overwrite:
            raise Fault("data", f"{path} exists already; name another folder, or allow to overwrite it")
        try:
            frame.write.mode("overwrite" if overwrite else "errorifexists").parquet(path)
        except Exception:
            # A folder without a whole answer would be taken for one.
            if not existed or not system.exists(jvm.org.apache.hadoop.fs.Path(folder, "_SUCCESS")):
                system.delete(folder, True)
            raise


def tag(request):
    return f"fenl-{request}"


def file_fact(listed, described):
    subsort = None if described is None or described.subsort is None else str(described.subsort & 0xFFFFFFFFFFFFFFFF)
    return {
        "id": str(listed.id),
        "path": listed.path,
        "bytes": listed.length,
        "subsort": subsort,
        "schema": described and described.schema,
        "fault": described and described.fault,
    }


def task(spec, facts, node):
    """The function that Spark calls for each partition."""
    known = dict(spec.get("known", {}))
    for name, total in spec.get("parameters", {}).items():
        values = [facts[fact] for fact in total["facts"] if facts[fact] is not None]
        known[name] = str(max(values, default=0) + int(total["plus"]))
    text = json.dumps({**spec, "known": known} if spec["kind"] == "stages" else spec)
    return lambda batches: fenl_worker.run_task(text, batches, node)


def encoded(table):
    if table.num_rows == 0:
        return fenl_worker.stream_of(table.schema, None)
    batch = fenl_worker.joined(table.to_batches())
    return fenl_worker.stream_of(batch.schema, batch)


def fault_of(error):
    """What the user is told of an error: what a task said, wherever it stands among Spark's own words."""
    if isinstance(error, Fault):
        return error.fault
    found = FAULT.search(str(error))
    if found:
        return json.loads(base64.b64decode(found.group(1)))
    if isinstance(error, PySparkException):
        return {"kind": "spark", "message": reason(str(error))}
    return {"kind": "engine", "message": "".join(traceback.format_exception(error))}


def reason(text):
    """The words of an error of Spark, without the stack of the JVM."""
    lines = [line for line in text.split("\n") if line.strip() and not re.match(r"\s+at [\w.$]+[(]|\s*\.\.\. \d+ more", line)]
    return "\n".join(lines[:20])


def main():
    arguments = argparse.ArgumentParser()
    source = arguments.add_mutually_exclusive_group(required=True)
    source.add_argument("--control", help="host:port to connect to; FENL_DRIVER_TOKEN is what to say there")
    source.add_argument("--request", help="a file with requests")
    arguments.add_argument("--node", default="node", help="Node on the driver")
    arguments.add_argument("--planner", default=PLANNER, help="the planner's bundle")
    arguments.add_argument("--executor-node", default="node", help="Node on the executors: a command, or a path in an archive")
    options = arguments.parse_args()
    control = Control(options.control, options.request)
    spark = SparkSession.builder.getOrCreate()
    bundle = options.planner if os.path.isfile(options.planner) else SparkFiles.get(PLANNER)
    planner = Planner(options.node, bundle)
    failed = threading.Event()

    def serve(driver, request):
        if driver.closed.is_set():
            return
        try:
            control.answer({"kind": "answer", "id": request["id"], "outcome": driver.run(request)})
        except Exception as error:
            failed.set()
            control.answer({"kind": "fault", "id": request["id"], "fault": fault_of(error)})

    try:
        driver = Driver(spark, planner, options.executor_node)
        incoming = queue.Queue()
        threading.Thread(target=control.read, args=(incoming, driver.cancel), daemon=True).start()
        control.answer({"kind": "ready", "version": spark.version})
        with ThreadPoolExecutor(MOST_QUERIES) as pool:
            for request in iter(incoming.get, None):
                # Jobs are told apart by what belongs to a thread.
                pool.submit(inheritable_thread_target(spark)(serve), driver, request)
    finally:
        planner.stop()
        spark.stop()
    if options.request and failed.is_set():
        sys.exit(1)


if __name__ == "__main__":
    main()
