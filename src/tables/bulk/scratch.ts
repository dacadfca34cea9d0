/** Memory of a thread that is used again from piece to piece; what an array held before is not cleared. */
export class Scratch {
  private readonly buffers = new Map<string, ArrayBuffer>();

  /** At least `bytes` bytes under a name, with what the name's memory held before, if `keep`. */
  buffer(name: string, bytes: number, keep = false): ArrayBuffer {
    const known = this.buffers.get(name);
    if (known !== undefined && known.byteLength >= bytes) return known;
    const size = Math.ceil(Math.max(bytes, keep ? 2 * (known?.byteLength ?? 0) : bytes * 1.125, 1024) / 8) * 8;
    const larger = new ArrayBuffer(size);
    if (keep && known !== undefined) new Uint8Array(larger).set(new Uint8Array(known));
    this.buffers.set(name, larger);
    return larger;
  }

  bytes(name: string, length: number): Uint8Array {
    return new Uint8Array(this.buffer(name, length), 0, length);
  }

  int32(name: string, length: number): Int32Array {
    return new Int32Array(this.buffer(name, 4 * length), 0, length);
  }

  uint32(name: string, length: number): Uint32Array {
    return new Uint32Array(this.buffer(name, 4 * length), 0, length);
  }

  /** Lets all memory go. */
  clear(): void {
    this.buffers.clear();
  }
}
