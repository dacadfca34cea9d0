"""What Spark's executors run: the rows of a task go through a Node process that runs the stages of a Fenl query.

Rows are Arrow IPC streams in frames: a byte for the kind, eight for the length (little-endian), and the bytes. A frame of
its own ends them, so that a stream that was cut is never taken for a whole one. The Node process lives as long as the
task: it is killed when the task ends in whatever way, and it ends by itself when its input is closed.
"""

import base64
import json
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import threading

import pyarrow as pa

BUNDLE = "fenl-worker.mjs"
TASK, ROWS, END, ERROR = 1, 2, 3, 4
HEADER = struct.Struct("<BQ")
PIPE_BYTES = 1 << 20
# Batches are joined up to this size before they are sent.
BATCH_ROWS = 1 << 16
BATCH_BYTES = 32 << 20


class FenlTaskError(RuntimeError):
    """An error that the driver takes apart: what the user is told is in it as base64 of JSON."""

    def __init__(self, fault):
        encoded = base64.b64encode(json.dumps(fault).encode()).decode()
        super().__init__(f"{fault['message']} [fenl-fault:{encoded}]")


def run_task(task, batches, node="node"):
    """Sends the batches of a partition through a Node process; yields the batches that it makes of them."""
    yield from _through_node({"task": json.loads(task)}, batches_of_size(batches), node)


def file_facts(digest, batches, node="node"):
    """The schemas of Parquet files, and with `digest` the generated subsorts of their first rows."""
    import pyarrow.parquet as pq

    for batch in batches:
        for row in range(batch.num_rows):
            one = batch.slice(row, 1)
            schema, fault, subsort = None, None, None
            content = one.column("content")[0].as_buffer()
            try:
                schema = pq.read_schema(pa.BufferReader(content))
            except (pa.ArrowException, OSError) as error:
                fault = str(error).split("\n", 1)[0]
            if digest and fault is None:
                rows = pa.RecordBatch.from_arrays([one.column("id"), one.column("content")], ["id", "content"])
                (answer,) = _through_node({"task": {"kind": "files"}}, iter([rows]), node)
                subsort = answer.column("subsort")[0].as_py()
            encoded = None if schema is None else base64.b64encode(stream_of(schema, None)).decode()
            yield pa.RecordBatch.from_arrays(
                [one.column("id"), pa.array([subsort], pa.int64()), pa.array([encoded], pa.string()), pa.array([fault], pa.string())],
                ["id", "subsort", "schema", "fault"],
            )


def connect_task(task, schema, node):
    """A task's function with its type, for Spark Connect: a pickle that calls this is a pickle of what it gives."""
    from pyspark.sql.types import StructType

    return lambda batches: run_task(task, batches, node), StructType.fromJson(json.loads(schema))


def connect_files(digest, schema, node):
    """The same for the files of a table."""
    from pyspark.sql.types import StructType

    return lambda batches: file_facts(digest != "", batches, node), StructType.fromJson(json.loads(schema))


def _find(name):
    """A file that came with the job, a path, or a command of the executor."""
    from pyspark import SparkFiles

    for folder in (SparkFiles.getRootDirectory(), os.getcwd()):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    return shutil.which(name)


def _through_node(start, batches, node):
    first = next(batches, None)
    if first is None:
        return
    program, bundle = _find(node), _find(BUNDLE)
    if program is None:
        raise FenlTaskError({"kind": "engine", "message": f"there is no Node at '{node}' on an executor: install Node 20.19 or newer, or send it along (see docs/spark.md)"})
    if bundle is None:
        raise FenlTaskError({"kind": "engine", "message": f"{BUNDLE} is not among the files of the job"})
    with tempfile.TemporaryFile() as errors:
        # Unbuffered pipes cut what is written to them.
        child = subprocess.Popen([program, bundle], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, bufsize=PIPE_BYTES)
        feeder = _Feeder(child, start, first, batches)
        feeder.start()
        try:
            yield from _answers(child, feeder, errors)
        finally:
            # First the child, then who writes to it: the other way round both would wait for ever.
            child.kill()
            child.wait()
            feeder.join(30)
            child.stdout.close()


class _Feeder(threading.Thread):
    """Writes the task and its rows; reading and writing in one thread would block both processes."""

    def __init__(self, child, start, first, batches):
        super().__init__(name="fenl feeder", daemon=True)
        self.child, self.first, self.batches, self.start_frame = child, first, batches, start
        self.error = None

    def run(self):
        pipe = self.child.stdin
        try:
            _write(pipe, TASK, json.dumps(self.start_frame).encode())
            batch = self.first
            while batch is not None:
                _write(pipe, ROWS, stream_of(batch.schema, batch))
                batch = next(self.batches, None)
            _write(pipe, END, b"")
            pipe.close()
        except BrokenPipeError:
            # The child has ended; its exit status tells why.
            pass
        except BaseException as error:
            self.error = error
            self.child.kill()
        finally:
            try:
                pipe.close()
            except OSError:
                pass


def _answers(child, feeder, errors):
    while True:
        header = child.stdout.read(HEADER.size)
        if len(header) < HEADER.size:
            raise _ended(child, feeder, errors)
        kind, length = HEADER.unpack(header)
        content = child.stdout.read(length)
        if len(content) < length:
            raise _ended(child, feeder, errors)
        if kind == END:
            return
        if kind == ERROR:
            raise FenlTaskError(json.loads(content))
        with pa.ipc.open_stream(content) as stream:
            for batch in stream:
                yield _plain(batch)


def _ended(child, feeder, errors):
    """Why a child ended before its end."""
    status = child.wait()
    feeder.join(30)
    if feeder.error is not None:
        return feeder.error
    errors.seek(0)
    said = errors.read()[-4000:].decode(errors="replace").strip()
    how = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
    return RuntimeError(f"the Node process of the task {how} before its rows were done{': ' + said if said else ''}")


def _write(pipe, kind, content):
    pipe.write(HEADER.pack(kind, len(content)))
    pipe.write(content)


def stream_of(schema, batch):
    """An Arrow stream with one batch, or with none."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        if batch is not None:
            writer.write_batch(batch)
    return sink.getvalue()


def batches_of_size(batches):
    """Batches joined to a good size."""
    parts, rows, size = [], 0, 0
    for batch in batches:
        if batch.num_rows == 0:
            continue
        parts.append(batch)
        rows += batch.num_rows
        size += batch.nbytes
        if rows >= BATCH_ROWS or size >= BATCH_BYTES:
            yield joined(parts)
            parts, rows, size = [], 0, 0
    if parts:
        yield joined(parts)


def joined(parts):
    """Batches as one, with texts dictionary-encoded."""
    table = pa.Table.from_batches(parts)
    columns = [
        (column.dictionary_encode() if pa.types.is_string(column.type) or pa.types.is_large_string(column.type) else column)
        for column in table.columns
    ]
    joined = [column.combine_chunks() for column in columns]
    arrays = [array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array for array in joined]
    return pa.RecordBatch.from_arrays(arrays, names=table.column_names)


def _plain(batch):
    """Texts as Spark takes them; times with Spark's zone."""
    arrays = [column.dictionary_decode() if pa.types.is_dictionary(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays([_zoned(array) for array in arrays], names=batch.schema.names)


def _zoned(array):
    wanted = _zoned_type(array.type)
    return array if wanted == array.type else array.cast(wanted)


def _zoned_type(kind):
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", tz="UTC")
    if pa.types.is_list(kind):
        return pa.list_(pa.field("element", _zoned_type(kind.value_type)))
    if pa.types.is_map(kind):
        return pa.map_(_zoned_type(kind.key_type), _zoned_type(kind.item_type))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(kind.field(i).name, _zoned_type(kind.field(i).type)) for i in range(kind.num_fields)])
    return kind
