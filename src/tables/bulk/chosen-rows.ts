import { inSteps } from "./kernels.ts";
import type { Scratch } from "./scratch.ts";

/** Rows in an order; what they have is in memory of `scratch`, and so is what is gathered, under names. */
export class ChosenRows {
  readonly order: Int32Array;
  private readonly scratch: Scratch;
  private readonly name: string;

  constructor(order: Int32Array, scratch: Scratch, name: string) {
    this.order = scratch.own(`${name} rows`, order);
    this.scratch = scratch;
    this.name = name;
  }

  get count(): number {
    return this.order.length;
  }

  /** Bytes under a name for so many bytes a row. */
  private room(name: string, width: number): Uint8Array {
    return this.scratch.bytes(`${this.name} ${name}`, width * this.count);
  }

  /** The bytes of rows' values. */
  bytes(values: ArrayBufferView, width: 1 | 4 | 8, name: string): Uint8Array {
    const { run } = this.scratch;
    const gather = width === 8 ? run.gather8 : width === 4 ? run.gather4 : run.gather1;
    const to = this.room(name, width);
    const order = this.order.byteOffset;
    inSteps(this.count, (from, count) =>
      gather(order + 4 * from, count, values.byteOffset, to.byteOffset + width * from),
    );
    return to;
  }

  int32(values: Int32Array, name: string): Int32Array {
    const { buffer, byteOffset } = this.bytes(values, 4, name);
    return new Int32Array(buffer, byteOffset, this.count);
  }

  uint32(values: Uint32Array, name: string): Uint32Array {
    const { buffer, byteOffset } = this.bytes(values, 4, name);
    return new Uint32Array(buffer, byteOffset, this.count);
  }

  int64(values: BigInt64Array, name: string): BigInt64Array {
    const { buffer, byteOffset } = this.bytes(values, 8, name);
    return new BigInt64Array(buffer, byteOffset, this.count);
  }

  uint64(values: BigUint64Array, name: string): BigUint64Array {
    const { buffer, byteOffset } = this.bytes(values, 8, name);
    return new BigUint64Array(buffer, byteOffset, this.count);
  }

  /** A bit for each row's byte. */
  bits(values: Uint8Array, name: string): Uint8Array {
    const bytes = this.bytes(values, 1, "bytes");
    const size = (this.count + 7) >> 3;
    // The last bits of the last byte are no row's.
    this.scratch.memory.bytes(bytes.byteOffset + this.count, 8 * size - this.count).fill(0);
    const to = this.scratch.bytes(`${this.name} ${name}`, size);
    this.scratch.run.packBits(bytes.byteOffset, size, to.byteOffset);
    return to;
  }

  /** Which rows have a value, a byte a row; undefined where all have. */
  valid(valid: Uint8Array | null, name: string): Uint8Array | undefined {
    const gathered = valid === null ? undefined : this.bytes(valid, 1, `${name} valid`);
    return gathered?.includes(0) ? gathered : undefined;
  }
}

/** The least and the greatest of some times. */
export function extremesOf(times: BigInt64Array, scratch: Scratch): [bigint, bigint] {
  const found = scratch.bigInt64("extremes", 2).fill(times[0]!);
  inSteps(times.length, (from, count) => scratch.run.extremes(times.byteOffset + 8 * from, count, found.byteOffset));
  return [found[0]!, found[1]!];
}
