import { closeSync, openSync } from "node:fs";
import { type EntityIndex, entityIndex, halvesOf, lowerBound } from "../../tables/prepared/entity-index.ts";
import { damagedIndex } from "../../tables/prepared/read-prepared.ts";
import type { PreparedFile } from "../../tables/table-snapshot.ts";
import { type PreparedLayout, readAt } from "../rows/prepared-layout.ts";

/** An entity of a file by its number, and the first of its rows. */
export interface EntityPlace {
  readonly entity: number;
  readonly row: number;
}

/** Indexes of files that have none of their own, those that were asked for last. */
const made = new Map<string, EntityIndex>();
const MOST_MADE = 4;

/** The index of a file, as far as it is asked for. */
export class FileEntities {
  readonly #file: PreparedFile;
  readonly #layout: PreparedLayout;
  readonly #handle: number;

  /** `handle`: of the open file. */
  constructor(file: PreparedFile, layout: PreparedLayout, handle: number) {
    this.#file = file;
    this.#layout = layout;
    this.#handle = handle;
  }

  /** The places of the first entity whose key hash is at least `first`, and of the first one whose is greater than `last`. */
  between(first: bigint, last: bigint): [from: EntityPlace, to: EntityPlace] {
    const { firstKeyHash, lastKeyHash } = this.#file;
    return [
      first <= BigInt(firstKeyHash) ? { entity: 0, row: 0 } : this.#find(first),
      last >= BigInt(lastKeyHash) ? this.end : this.#find(last + 1n),
    ];
  }

  /** Behind the last entity. */
  get end(): EntityPlace {
    return { entity: this.#layout.entities?.count ?? this.#made().ends.length, row: this.#file.rows };
  }

  #find(hash: bigint): EntityPlace {
    const { entities } = this.#layout;
    if (entities === null) {
      const { hashes, ends } = this.#made();
      const entity = lowerBound(hashes, hash);
      return { entity, row: entity === 0 ? 0 : ends[entity - 1]! };
    }
    const cell = new BigUint64Array(1);
    const bytes = new Uint8Array(cell.buffer);
    let from = 0;
    let to = entities.count;
    while (from < to) {
      const middle = (from + to) >>> 1;
      readAt(this.#handle, bytes, entities.hashes.offset + 8 * middle);
      if (cell[0]! < hash) from = middle + 1;
      else to = middle;
    }
    if (from === 0) return { entity: 0, row: 0 };
    readAt(this.#handle, bytes.subarray(0, 4), entities.ends.offset + 4 * (from - 1));
    const row = halvesOf(cell)[0]!;
    if (row > this.#file.rows) throw damagedIndex(this.#file, `entity ${from - 1} ends at row ${row}`);
    return { entity: from, row };
  }

  /**
   * Reads some entities: their hashes as bytes, and where their rows end, where the first one's begin at `base`.
   * @throws TableError where they are not as many rows as there should be
   */
  read(from: EntityPlace, to: EntityPlace, hashes: Uint8Array, ends: Uint32Array, base = 0): void {
    const { entities } = this.#layout;
    if (entities === null) {
      const whole = this.#made();
      const own = whole.hashes.subarray(from.entity, to.entity);
      hashes.set(new Uint8Array(own.buffer, own.byteOffset, own.byteLength));
      ends.set(whole.ends.subarray(from.entity, to.entity));
    } else {
      readAt(this.#handle, hashes, entities.hashes.offset + 8 * from.entity);
      const bytes = new Uint8Array(ends.buffer, ends.byteOffset, ends.byteLength);
      readAt(this.#handle, bytes, entities.ends.offset + 4 * from.entity);
    }
    let row = from.row;
    const moved = base - from.row;
    for (let index = 0; index < ends.length; index++) {
      const end = ends[index]!;
      if (end <= row || end > to.row) {
        throw damagedIndex(this.#file, `entity ${from.entity + index} has rows from ${row} to ${end}`);
      }
      row = end;
      ends[index] = end + moved;
    }
    if (row !== to.row) throw damagedIndex(this.#file, `the entities have rows up to ${row} of ${to.row}`);
  }

  /** The same as arrays of their own. */
  index(from: EntityPlace, to: EntityPlace): EntityIndex {
    const count = to.entity - from.entity;
    const index = { hashes: new BigUint64Array(count), ends: new Uint32Array(count) };
    this.read(from, to, new Uint8Array(index.hashes.buffer), index.ends);
    return index;
  }

  /** The index of a file of an earlier version. */
  #made(): EntityIndex {
    const { path, rows } = this.#file;
    let index = made.get(path);
    if (index === undefined) {
      const hashes = new BigUint64Array(rows);
      readAt(this.#handle, new Uint8Array(hashes.buffer), this.#layout.keyHash!.offset);
      index = entityIndex(hashes);
      if (made.size === MOST_MADE) made.delete(made.keys().next().value!);
      made.set(path, index);
    }
    return index;
  }
}

/** Does something with the index of a file. */
export function withEntities<T>(file: PreparedFile, layout: PreparedLayout, action: (entities: FileEntities) => T): T {
  const handle = openSync(file.path, "r");
  try {
    return action(new FileEntities(file, layout, handle));
  } finally {
    closeSync(handle);
  }
}
