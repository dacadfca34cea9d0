import { readSync, writeSync } from "node:fs";
import { type RecordBatch, Table, tableFromIPC, tableToIPC } from "apache-arrow";

/** What a frame between the task's Python and Node processes holds. */
export const FRAME = { task: 1, rows: 2, end: 3, error: 4 } as const;

/** A frame: its kind, and what it holds. */
export interface Frame {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

const HEADER = 9;

/** The frames that come in on a file descriptor, to the frame that says that it was the last. @throws at a cut stream */
export function* readFrames(descriptor: number): Generator<Frame> {
  const header = Buffer.alloc(HEADER);
  for (;;) {
    fill(descriptor, header);
    const kind = header.readUInt8(0);
    const bytes = Buffer.alloc(Number(header.readBigUInt64LE(1)));
    fill(descriptor, bytes);
    if (kind === FRAME.end) return;
    yield { kind, bytes };
  }
}

function fill(descriptor: number, buffer: Buffer): void {
  for (let at = 0; at < buffer.length; ) {
    const read = readSync(descriptor, buffer, at, Math.min(buffer.length - at, 1 << 30), null);
    if (read === 0) throw new Error("the rows of the task end before their end");
    at += read;
  }
}

/** Writes a frame. */
export function writeFrame(descriptor: number, kind: number, bytes: Uint8Array = new Uint8Array(0)): void {
  const header = Buffer.alloc(HEADER);
  header.writeUInt8(kind, 0);
  header.writeBigUInt64LE(BigInt(bytes.length), 1);
  writeAll(descriptor, header);
  writeAll(descriptor, bytes);
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, Math.min(bytes.length - at, 1 << 30));
}

/** The rows of a frame: a stream of its own, with one batch or none. */
export function rowsOf({ bytes }: Frame): RecordBatch | null {
  return tableFromIPC(bytes).batches[0] ?? null;
}

/** Writes rows as a frame. */
export function writeRows(descriptor: number, batch: RecordBatch): void {
  writeFrame(descriptor, FRAME.rows, tableToIPC(new Table([batch]), "stream"));
}
