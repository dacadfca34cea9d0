import { CONTEXT, HOST_VALID } from "../../compile/stage-layout.ts";
import { Wasm } from "../../values/web-assembly.ts";
import { MemoryExhausted } from "./memory-exhausted.ts";

const PAGE = 65536;
const MOST_PAGES = 65536;
/** Code may read so many bytes behind the last block, whatever they are. */
const READ_BEHIND = 32;

/** A worker's WebAssembly memory: one for its whole life, handed out from the bottom for each run. */
export class StageMemory {
  readonly memory = new Wasm.Memory({ initial: 16, maximum: MOST_PAGES });
  #next = CONTEXT;
  #bytes = new Uint8Array(this.memory.buffer);

  /** Starts a run: the context block is cleared, all else is free. */
  start(contextBytes: number): void {
    this.#next = CONTEXT;
    this.allocate(contextBytes);
    this.clearContext(contextBytes);
  }

  /** Clears the context block for another stage; what was allocated stays. */
  clearContext(bytes: number): void {
    this.bytes.fill(0, CONTEXT, CONTEXT + bytes);
  }

  /** How many bytes are taken, from the bottom on. */
  get used(): number {
    return this.#next;
  }

  /** Has what was allocated from an address on be free again. */
  free(from: number): void {
    this.#next = from;
  }

  /** Bytes of memory at an address that is a multiple of 8. */
  allocate(bytes: number): number {
    const address = this.#next;
    const end = address + 8 * Math.ceil(bytes / 8);
    const missing = end + READ_BEHIND - this.memory.buffer.byteLength;
    if (missing > 0) {
      // Growing detaches the views; a quarter more saves growing again soon.
      const pages = Math.ceil(Math.max(missing, Math.min(this.memory.buffer.byteLength / 4, 64 << 20)) / PAGE);
      const left = MOST_PAGES - this.memory.buffer.byteLength / PAGE;
      if (missing > left * PAGE) throw new MemoryExhausted({ reason: "a thread's memory of 4 GiB is full" });
      this.memory.grow(Math.min(pages, left));
    }
    this.#next = end;
    return address;
  }

  /** A block made larger where it is, or a larger copy of it; the old one then stays unused until the run ends. */
  grow(address: number, bytes: number, wanted: number): number {
    const end = (address >>> 0) + 8 * Math.ceil((bytes >>> 0) / 8);
    if (bytes !== 0 && end === this.#next) {
      // Behind the last block there is room.
      this.allocate((address >>> 0) + (wanted >>> 0) - end);
      return address;
    }
    // Modules tell sizes as 32-bit numbers with a sign.
    const to = this.allocate(wanted >>> 0);
    if (bytes !== 0) this.bytes.copyWithin(to, address >>> 0, (address >>> 0) + (bytes >>> 0));
    return to;
  }

  /** A view of all memory, current after growing. */
  get bytes(): Uint8Array {
    // Growing leaves the old view without bytes; asking that costs less than asking for the memory's buffer.
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(this.memory.buffer);
    return this.#bytes;
  }

  /** Copies a typed array into memory. */
  write(values: ArrayBufferView): number {
    const address = this.allocate(values.byteLength);
    this.bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), address);
    return address;
  }

  /** Copies a typed array into memory, with room behind it for one value more. */
  writeMore(values: BigUint64Array | Uint32Array): number {
    const address = this.allocate(values.byteLength + values.BYTES_PER_ELEMENT);
    this.bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), address);
    return address;
  }

  /** Room for the key hashes of some rows, and for one more behind them. */
  allocateKeys(rows: number): number {
    return this.allocate(8 * (rows + 1));
  }

  /** Puts behind the key hashes of some rows one that is not that of the last row: there the last entity ends. */
  endKeys(address: number, rows: number): void {
    if (rows === 0) return;
    const bytes = this.bytes;
    const last = address + 8 * (rows - 1);
    for (let byte = 0; byte < 8; byte++) bytes[last + 8 + byte] = bytes[last + byte]! ^ 0xff;
  }

  setSlot(offset: number, value: number): void {
    new DataView(this.memory.buffer).setInt32(CONTEXT + offset, value, true);
  }

  setSlot64(offset: number, value: bigint): void {
    new DataView(this.memory.buffer).setBigInt64(CONTEXT + offset, BigInt.asIntN(64, value), true);
  }

  slot(offset: number): number {
    return new DataView(this.memory.buffer).getUint32(CONTEXT + offset, true);
  }

  slot64(offset: number): bigint {
    return new DataView(this.memory.buffer).getBigInt64(CONTEXT + offset, true);
  }

  setHostValid(valid: boolean): void {
    this.bytes[HOST_VALID] = valid ? 1 : 0;
  }
}
