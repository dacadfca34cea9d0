import type { FenlType } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";
import { TextTable } from "../values/text-table.ts";
import { equalityKey } from "./value-order.ts";

const FEWEST_PLACES = 16;
/** Fewer texts that were taken out are not looked for. */
const FEWEST_GONE = 1 << 8;

/** The different values of one type, with how often there is each where some will be taken out again. */
export interface DistinctValues {
  readonly size: number;
  /** Bytes of memory, about. */
  readonly bytes: number;
  add(value: HostValue, times?: number): void;
  remove(value: HostValue): void;
  /** Adds the values of others of the same kind. */
  addAll(others: this): void;
}

/** No values yet. @param areCounted whether values will be taken out, or others added */
export function distinctValues(type: FenlType, areCounted: boolean): DistinctValues {
  return ["string", "large_string", "json", "bool", "record"].includes(type.kind)
    ? new DistinctTexts(type)
    : new DistinctNumbers(areCounted);
}

/** Texts as bytes, and other values as texts. Those that were taken out stay until they are more than the others. */
class DistinctTexts implements DistinctValues {
  readonly #type: FenlType;
  #table = new TextTable();
  /** By number. */
  #times = new Int32Array(FEWEST_PLACES);
  #size = 0;

  constructor(type: FenlType) {
    this.#type = type;
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#table.size + this.#times.byteLength;
  }

  add(value: HostValue, times = 1): void {
    this.#add(this.#table.number(this.#key(value)), times);
  }

  #add(number: number, times: number): void {
    if (number >= this.#times.length) {
      const grown = new Int32Array(2 * number);
      grown.set(this.#times);
      this.#times = grown;
    }
    if (this.#times[number] === 0) this.#size++;
    this.#times[number]! += times;
  }

  remove(value: HostValue): void {
    const number = this.#table.number(this.#key(value));
    const times = this.#times[number] ?? 0;
    if (times === 0) return;
    this.#times[number] = times - 1;
    if (times > 1) return;
    this.#size--;
    if (this.#table.count > FEWEST_GONE + 2 * this.#size) this.#forget();
  }

  addAll(others: DistinctTexts): void {
    for (let number = 0; number < others.#table.count; number++) {
      const times = others.#times[number] ?? 0;
      if (times > 0) this.#add(this.#table.numberFrom(others.#table, number), times);
    }
  }

  /** Lets go of texts that are not there any more. */
  #forget(): void {
    const [table, times] = [this.#table, this.#times];
    this.#table = new TextTable();
    this.#times = new Int32Array(Math.max(FEWEST_PLACES, this.#size));
    this.#size = 0;
    for (let number = 0; number < table.count; number++) {
      if (times[number]! > 0) this.#add(this.#table.numberFrom(table, number), times[number]!);
    }
  }

  #key(value: HostValue): string {
    return typeof value === "string" ? value : equalityKey(this.#type, value);
  }
}

/** A hash table of the numbers' bits: 9 bytes a place, or 12. Of the places at most three quarters are taken. */
class DistinctNumbers implements DistinctValues {
  readonly #areCounted: boolean;
  /** How often the number of each place is there; 0: the place is free. */
  #times: Uint8Array | Int32Array = new Uint8Array(0);
  /** Two halves a place. */
  #halves = new Int32Array(0);
  #size = 0;

  constructor(areCounted: boolean) {
    this.#areCounted = areCounted;
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#times.byteLength + this.#halves.byteLength;
  }

  add(value: HostValue): void {
    write(value as number | bigint);
    this.#add(halves[0]!, halves[1]!, 1);
  }

  #add(low: number, high: number, times: number): void {
    if (4 * (this.#size + 1) > 3 * this.#times.length) this.#grow();
    const place = this.#find(low, high);
    if (this.#times[place] === 0) {
      this.#halves[2 * place] = low;
      this.#halves[2 * place + 1] = high;
      this.#times[place] = this.#areCounted ? times : 1;
      this.#size++;
    } else if (this.#areCounted) this.#times[place]! += times;
  }

  remove(value: HostValue): void {
    if (this.#size === 0) return;
    write(value as number | bigint);
    const place = this.#find(halves[0]!, halves[1]!);
    if (this.#times[place] === 0) return;
    if (--this.#times[place]! === 0) this.#free(place);
  }

  addAll(others: DistinctNumbers): void {
    for (const [place, times] of others.#times.entries()) {
      if (times > 0) this.#add(others.#halves[2 * place]!, others.#halves[2 * place + 1]!, times);
    }
  }

  /** Where a number is, or the free place where it belongs. */
  #find(low: number, high: number): number {
    const last = this.#times.length - 1;
    let place = hashOf(low, high) & last;
    while (this.#times[place] !== 0 && (this.#halves[2 * place] !== low || this.#halves[2 * place + 1] !== high)) {
      place = (place + 1) & last;
    }
    return place;
  }

  /** Moves numbers up that would not be found behind a free place. */
  #free(freed: number): void {
    this.#size--;
    const last = this.#times.length - 1;
    let free = freed;
    for (let place = (free + 1) & last; this.#times[place] !== 0; place = (place + 1) & last) {
      const home = hashOf(this.#halves[2 * place]!, this.#halves[2 * place + 1]!) & last;
      if (((place - home) & last) < ((place - free) & last)) continue;
      this.#halves.copyWithin(2 * free, 2 * place, 2 * place + 2);
      this.#times[free] = this.#times[place]!;
      this.#times[place] = 0;
      free = place;
    }
  }

  #grow(): void {
    const [times, numbers] = [this.#times, this.#halves];
    const places = Math.max(FEWEST_PLACES, 2 * times.length);
    this.#times = this.#areCounted ? new Int32Array(places) : new Uint8Array(places);
    this.#halves = new Int32Array(2 * places);
    for (let place = 0; place < times.length; place++) {
      if (times[place] === 0) continue;
      const [low, high] = [numbers[2 * place]!, numbers[2 * place + 1]!];
      const to = this.#find(low, high);
      this.#halves[2 * to] = low;
      this.#halves[2 * to + 1] = high;
      this.#times[to] = times[place]!;
    }
  }
}

/** The bits of a number, in two halves. */
const halves = new Int32Array(2);
const asDouble = new Float64Array(halves.buffer);
const asInteger = new BigInt64Array(halves.buffer);

/** Equal numbers have the same bits: there is one zero, and one NaN. */
function write(value: number | bigint): void {
  if (typeof value === "bigint") asInteger[0] = value;
  else asDouble[0] = Number.isNaN(value) ? Number.NaN : value + 0;
}

function hashOf(low: number, high: number): number {
  let hash = Math.imul(low ^ (high >>> 15) ^ (high << 17), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x297a2d39);
  return hash ^ (hash >>> 15);
}
