import { encodeGroup, type ParquetGroup } from "./encode-group.ts";
import { EncodeMemory } from "./encode-kernels.ts";
import { FilePlaces } from "./file-places.ts";
import { writeBuffers } from "./write-buffers.ts";

/** A row group to be encoded and written to a file. */
export interface WriteGroup {
  readonly group: ParquetGroup;
  /** Its number in the file. */
  readonly index: number;
  readonly file: number;
  readonly places: SharedArrayBuffer;
}

let memory: EncodeMemory | undefined;

/** Encodes a row group, writes it to its place in the file, and returns its metadata. */
export async function writeGroup({ group, index, file, places }: WriteGroup): Promise<Uint8Array> {
  const where = new FilePlaces(places);
  try {
    memory ??= new EncodeMemory();
    const { parts, size, metadata } = await encodeGroup(memory, group);
    const at = where.take(index, size);
    const own = memory;
    const buffers = parts.map((part) => (part instanceof Uint8Array ? part : own.view(part.at, part.size)));
    writeBuffers(file, buffers, at);
    return metadata(index, at);
  } catch (error) {
    where.fail();
    throw error;
  }
}
