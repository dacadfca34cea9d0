/** A value of a FlatBuffer: what the metadata of Arrow's files consist of. */
export type FlatValue =
  | { readonly kind: "number"; readonly bytes: 1 | 2 | 4 | 8; readonly value: number }
  | { readonly kind: "text"; readonly text: string }
  | FlatTable
  | { readonly kind: "tables"; readonly tables: readonly FlatTable[] }
  /** Structures whose fields are all taken to be of 8 bytes. */
  | { readonly kind: "structures"; readonly count: number; readonly words: readonly number[] };

/** A table: its values by their slots, of which some may be missing. */
export interface FlatTable {
  readonly kind: "table";
  readonly slots: readonly (FlatValue | null)[];
}

/** A table of a FlatBuffer. */
export function flatTable(...slots: readonly (FlatValue | null)[]): FlatTable {
  return { kind: "table", slots };
}

/** A number of a FlatBuffer; one of 8 bytes has to be a safe integer. */
export function flatNumber(bytes: 1 | 2 | 4 | 8, value: number): FlatValue {
  return { kind: "number", bytes, value };
}

const utf8 = new TextEncoder();

/** Encodes a table with all that it refers to; the size is a multiple of eight. */
export function encodeFlat(root: FlatTable): Uint8Array {
  const encoder = new Encoder();
  const at = encoder.take(4, 4);
  encoder.refer(at, root);
  encoder.take(0, 8);
  return encoder.bytes.subarray(0, encoder.end);
}

class Encoder {
  bytes = new Uint8Array(1 << 10);
  end = 0;
  private view = new DataView(this.bytes.buffer);

  /** Room for so many bytes, at a place of which `ahead` bytes later is a multiple of `align`. */
  take(size: number, align: number, ahead = 0): number {
    const at = Math.ceil((this.end + ahead) / align) * align - ahead;
    this.end = at + size;
    if (this.end > this.bytes.length) {
      const grown = new Uint8Array(2 * this.end);
      grown.set(this.bytes);
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    return at;
  }

  /** Appends a value, and tells at a place how far away it is. */
  refer(from: number, value: Exclude<FlatValue, { kind: "number" }>): void {
    // What is appended may have the bytes move.
    const at = this.append(value);
    this.view.setUint32(from, at - from, true);
  }

  private append(value: Exclude<FlatValue, { kind: "number" }>): number {
    switch (value.kind) {
      case "table":
        return this.table(value);
      case "text": {
        const text = utf8.encode(value.text);
        const at = this.take(4 + text.length + 1, 4);
        this.view.setUint32(at, text.length, true);
        this.bytes.set(text, at + 4);
        return at;
      }
      case "tables": {
        const { tables } = value;
        const at = this.take(4 + 4 * tables.length, 4);
        this.view.setUint32(at, tables.length, true);
        for (const [index, table] of tables.entries()) this.refer(at + 4 + 4 * index, table);
        return at;
      }
      case "structures": {
        const at = this.take(4 + 8 * value.words.length, 8, 4);
        this.view.setUint32(at, value.count, true);
        for (const [index, word] of value.words.entries()) this.number(at + 4 + 8 * index, 8, word);
        return at;
      }
    }
  }

  private number(at: number, bytes: 1 | 2 | 4 | 8, value: number): void {
    if (bytes === 1) this.view.setUint8(at, value);
    else if (bytes === 2) this.view.setInt16(at, value, true);
    else if (bytes === 4) this.view.setInt32(at, value, true);
    else this.view.setBigInt64(at, BigInt(value), true);
  }

  /** A table stands behind where in it the values of its slots are. */
  private table({ slots }: FlatTable): number {
    let size = 4;
    const places = slots.map((value) => {
      if (value === null) return 0;
      const bytes = value.kind === "number" ? value.bytes : 4;
      const place = Math.ceil(size / bytes) * bytes;
      size = place + bytes;
      return place;
    });
    const vtable = this.take(4 + 2 * slots.length, 2);
    const at = this.take(size, 8);
    this.view.setUint16(vtable, 4 + 2 * slots.length, true);
    this.view.setUint16(vtable + 2, size, true);
    for (const [slot, place] of places.entries()) this.view.setUint16(vtable + 4 + 2 * slot, place, true);
    this.view.setInt32(at, at - vtable, true);
    for (const [slot, value] of slots.entries()) {
      if (value === null) continue;
      const place = at + places[slot]!;
      if (value.kind === "number") this.number(place, value.bytes, value.value);
      else this.refer(place, value);
    }
    return at;
  }
}

/** A table of encoded bytes, whose values are read when they are asked for. @throws RangeError beyond their end */
export class FlatReader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly at: number;

  /** `at`: where the table is; without it the root. */
  constructor(bytes: Uint8Array, at?: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = at ?? this.view.getUint32(0, true);
  }

  /** The place of a slot's value; 0 where there is none. */
  private place(slot: number): number {
    const vtable = this.at - this.view.getInt32(this.at, true);
    if (4 + 2 * slot >= this.view.getUint16(vtable, true)) return 0;
    const place = this.view.getUint16(vtable + 4 + 2 * slot, true);
    return place === 0 ? 0 : this.at + place;
  }

  private target(place: number): number {
    return place + this.view.getUint32(place, true);
  }

  /** A number, which is `otherwise` where it is not there. */
  number(slot: number, bytes: 1 | 2 | 4 | 8, otherwise = 0): number {
    const place = this.place(slot);
    if (place === 0) return otherwise;
    if (bytes === 1) return this.view.getUint8(place);
    if (bytes === 2) return this.view.getInt16(place, true);
    return bytes === 4 ? this.view.getInt32(place, true) : Number(this.view.getBigInt64(place, true));
  }

  text(slot: number): string {
    const place = this.place(slot);
    if (place === 0) return "";
    const at = this.target(place);
    const length = this.view.getUint32(at, true);
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + at + 4, length).toString("utf8");
  }

  table(slot: number): FlatReader | null {
    const place = this.place(slot);
    return place === 0 ? null : new FlatReader(this.bytes, this.target(place));
  }

  tables(slot: number): FlatReader[] {
    const place = this.place(slot);
    if (place === 0) return [];
    const at = this.target(place);
    return Array.from(
      { length: this.count(at, 4) },
      (_, index) => new FlatReader(this.bytes, this.target(at + 4 + 4 * index)),
    );
  }

  /** Structures of so many words of 8 bytes, as their words. */
  structures(slot: number, words: number): number[][] {
    const place = this.place(slot);
    if (place === 0) return [];
    const at = this.target(place);
    return Array.from({ length: this.count(at, 8 * words) }, (_, index) =>
      Array.from({ length: words }, (_, word) =>
        Number(this.view.getBigInt64(at + 4 + 8 * (words * index + word), true)),
      ),
    );
  }

  /** How many items a vector has. @throws RangeError where so many do not fit into the bytes */
  private count(at: number, size: number): number {
    const count = this.view.getUint32(at, true);
    if (at + 4 + count * size > this.bytes.length) throw new RangeError("a vector ends after its bytes do");
    return count;
  }
}
