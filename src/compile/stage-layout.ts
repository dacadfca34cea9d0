import type { FenlType, Representation } from "../values/fenl-type.ts";

/** Where the context block of a stage starts in memory; what is below belongs to the run time. */
export const CONTEXT = 1024;
/** A host function writes here (one byte) whether its result is there. */
export const HOST_VALID = 16;

/** Why a run came back. */
export const STATUS = { done: 0, full: 1, yielded: 2 } as const;

/** Byte offsets of a column's addresses in the context block. `valid` is the address of a byte per row; 0: all valid. */
export interface ColumnSlots {
  readonly values: number;
  readonly valid: number;
  readonly type: FenlType;
  /** A bool of a table: a byte per row. */
  readonly bytes?: boolean;
  /** A text that is only carried along: a code of a dictionary that neither the module nor its host knows. */
  readonly coded?: boolean;
  /** A text that an import has made, and that is not compared: the import's name. */
  readonly madeBy?: string;
}

/** Byte offsets of what a table of results by code has: a byte a code for what is known, values, the number of codes. */
export interface TableSlots {
  readonly known: number;
  readonly values: number;
  readonly codes: number;
}

/** Byte offsets of the address of texts' places in their order, by code, and of how many codes have one. */
export interface RankSlots {
  readonly ranks: number;
  readonly codes: number;
}

/** Byte offsets of where the bytes of texts are, by code: addresses and lengths, and for how many codes these are known. */
export interface TextPlaceSlots {
  readonly starts: number;
  readonly lengths: number;
  readonly codes: number;
}

/** Byte offsets of texts that a stage has joined, one after the other, and of the joins that are remembered. */
export interface JoinSlots {
  readonly places: TextPlaceSlots;
  readonly bytes: number;
  /** How many bytes there is room for. */
  readonly room: number;
  readonly offsets: number;
  readonly offsetsRoom: number;
  readonly count: number;
  readonly known: number;
  /** The number of a row among those of which some are looked at for texts that are had again. */
  readonly row: number;
  /** How many of these had them again, and whether they are taken again. */
  readonly hits: number;
  readonly reuses: number;
  /** How many of the joined texts vary. */
  readonly parameters: number;
}

/** The columns that identify rows; those that are the same for all rows of a source are absent. */
export interface IdentitySlots {
  readonly keyHash: number;
  readonly time: number;
  readonly subsort: number;
  readonly rank?: number;
  readonly origin?: number;
  readonly ordinal?: number;
}

/** Byte offsets of what tells the entities of a source's rows, one after the other. */
export interface EntitySlots {
  /** Of 8 bytes each, and as many once more behind the last. */
  readonly hashes: number;
  /** Where each one's rows end, and as many bytes once more. */
  readonly ends: number;
  /** The number of the next row's entity, and where its rows end. */
  readonly entity: number;
  readonly end: number;
}

export interface SourceSlots {
  /** How many rows there are in memory, and the number of the next one. */
  readonly rows: number;
  readonly row: number;
  /** The hash of each row's entity is absent where {@link entities} are there. */
  readonly identity: Omit<IdentitySlots, "keyHash"> & { readonly keyHash?: number };
  /** Of tables. */
  readonly entities?: EntitySlots;
  /** What is added to subsorts, where they have 4 bytes a row instead of 8. */
  readonly firstSubsort?: number;
  /** The subsorts need not be there: the stage asks for them once it needs them, where their address is 0. */
  readonly subsortsLater?: boolean;
  /** The stage does not ask for the rows' times. */
  readonly withoutTimes?: boolean;
  /** In the order of the stage source's `values`. */
  readonly columns: readonly ColumnSlots[];
  /** The entity key, where the source knows it: of each row, or of each of its entities. */
  readonly key?: ColumnSlots;
  /** Where the key is coded: what is added to its codes. */
  readonly keyBase?: number;
  /** For requests: the hash of the local entity that asks. */
  readonly localKeyHash?: number;
}

export interface SinkSlots {
  readonly rows: number;
  readonly capacity: number;
  readonly identity: IdentitySlots;
  readonly columns: readonly ColumnSlots[];
  readonly key?: ColumnSlots;
  /** For rows put under new entities and for requests: the hash of the entity that they come from. */
  readonly localKeyHash?: number;
  /** For shift_to: whether rows of an entity came earlier than ones before them, and the last time of all. */
  readonly moved?: { readonly disordered: number; readonly last: number };
  /** For shift_until: the groups of waiting rows that were released, and when. */
  readonly releases?: {
    readonly rows: number;
    readonly capacity: number;
    readonly group: number;
    readonly time: number;
  };
}

/** Where codes of texts, lists and the like stand between two runs of a stage. */
export interface CodePlaces {
  /** Byte offsets of so many codes one behind the other; `madeBy`: they are numbers of texts that an import has made. */
  readonly fixed: readonly { readonly offset: number; readonly count: number; readonly madeBy?: string }[];
  /**
   * Queues of states in memory that an aggregation's window has: byte offsets of their items' address and numbers, and of
   * the codes in an item, if any.
   */
  readonly queues: readonly {
    readonly function: string;
    readonly items: number;
    readonly head: number;
    readonly tail: number;
    readonly itemBytes: number;
    readonly codes: readonly number[];
  }[];
}

/** How a stage's module and its host agree on memory: byte offsets from {@link CONTEXT}. Plain data. */
export interface StageLayout {
  readonly bytes: number;
  /** A run comes back before it has walked so many rows; no source moves on by more. */
  readonly fuel: number;
  /** Where the code does it another way: whether the sources are windows. */
  readonly windowed?: number;
  readonly sources: readonly SourceSlots[];
  readonly sink: SinkSlots;
  readonly codes: CodePlaces;
  /** The key hash of the entity at hand. */
  readonly entity: number;
  /** i64 parameters by name: `tick 4` (last instant of a tick domain), `final time`, `changed since`. */
  readonly parameters: Readonly<Record<string, number>>;
}

/** Hands out 8-byte slots of the context block. */
export class LayoutBuilder {
  #next = 0;
  readonly parameters: Record<string, number> = Object.create(null);

  slot(): number {
    const offset = this.#next;
    this.#next += 8;
    return offset;
  }

  /** Room for an array or struct of the module's own. */
  reserve(bytes: number): number {
    const offset = this.#next;
    this.#next += (bytes + 7) & ~7;
    return offset;
  }

  column(type: FenlType): ColumnSlots {
    return { values: this.slot(), valid: this.slot(), type };
  }

  parameter(name: string): number {
    this.parameters[name] ??= this.slot();
    return this.parameters[name]!;
  }

  get bytes(): number {
    return this.#next;
  }
}

const WIDTH_SHIFT: Record<Representation, number> = { i32: 2, f32: 2, i64: 3, f64: 3 };

/** The address of row `row` of a column of a representation. */
export function rowAddress(base: string, row: string, representation: Representation): string {
  return `(i32.add ${base} (i32.shl ${row} (i32.const ${WIDTH_SHIFT[representation]})))`;
}

/** The i32 at an offset of the context block. */
export function loadSlot(offset: number): string {
  return `(i32.load offset=${CONTEXT + offset} (i32.const 0))`;
}

/** Sets the i32 at an offset of the context block. */
export function storeSlot(offset: number, value: string): string {
  return `(i32.store offset=${CONTEXT + offset} (i32.const 0) ${value})`;
}

/** Whether entity keys of a type are carried as codes of the query's one dictionary of keys. */
export function isTextKey(type: FenlType): boolean {
  return type.kind === "string" || type.kind === "large_string";
}
