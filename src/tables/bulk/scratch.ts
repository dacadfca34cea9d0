import type { Kernels } from "./kernels.ts";
import { LoadMemory } from "./load-memory.ts";

/** Memory of a thread that is used again from piece to piece; what an array held before is not cleared. */
export class Scratch {
  readonly memory = new LoadMemory();
  private readonly rooms = new Map<string, { at: number; size: number; length: number }>();

  /** The loops over rows, for what is in this memory. */
  get run(): Kernels {
    return this.memory.run;
  }

  /** Bytes under a name, with what they held before if `keep`. */
  bytes(name: string, length: number, keep = false): Uint8Array {
    const known = this.rooms.get(name);
    if (known !== undefined && known.length >= length) return this.memory.bytes(known.at, length);
    const wanted = Math.ceil(Math.max(length, keep ? 2 * (known?.length ?? 0) : length * 1.0625, 1024));
    if (known !== undefined && !keep) this.memory.give(known);
    const room = this.memory.take(wanted);
    this.rooms.set(name, { ...room, length: wanted });
    const bytes = this.memory.bytes(room.at, length);
    if (known !== undefined && keep) {
      bytes.set(this.memory.bytes(known.at, known.length));
      this.memory.give(known);
    }
    return bytes;
  }

  int32(name: string, length: number, keep = false): Int32Array {
    const { buffer, byteOffset } = this.bytes(name, 4 * length, keep);
    return new Int32Array(buffer, byteOffset, length);
  }

  uint32(name: string, length: number): Uint32Array {
    const { buffer, byteOffset } = this.bytes(name, 4 * length);
    return new Uint32Array(buffer, byteOffset, length);
  }

  bigInt64(name: string, length: number): BigInt64Array {
    const { buffer, byteOffset } = this.bytes(name, 8 * length);
    return new BigInt64Array(buffer, byteOffset, length);
  }

  bigUint64(name: string, length: number): BigUint64Array {
    const { buffer, byteOffset } = this.bytes(name, 8 * length);
    return new BigUint64Array(buffer, byteOffset, length);
  }

  /** A copy under a name, where an array is not in this memory. */
  own<T extends Int32Array | BigInt64Array | BigUint64Array>(name: string, values: T): T {
    if (values.buffer instanceof SharedArrayBuffer) return values;
    const bytes = this.bytes(name, values.byteLength);
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    const view = values.constructor as new (buffer: ArrayBufferLike, at: number, length: number) => T;
    return new view(bytes.buffer, bytes.byteOffset, values.length);
  }

  /** Lets names go, so that others have their memory; rooms that were taken without a name stay. */
  forget(): void {
    for (const room of this.rooms.values()) this.memory.give(room);
    this.rooms.clear();
  }

  /** Lets all memory go. */
  clear(): void {
    this.rooms.clear();
    this.memory.clear();
  }
}
