import { civilFromDays, daysFromCivil, daysInMonth } from "./calendar.ts";

/** A point in time as a reader found it in a text: exact, and without 64-bit integers. */
export interface ParsedTime {
  /** Whole seconds since 1970, rounded down. */
  seconds: number;
  /** 0 to 999,999,999, after `seconds`. */
  nanos: number;
  /** Digits after the seconds' dot as written; 0 without one; -1 for a date without a time. */
  digits: number;
}

const MAX_SECONDS = 9223372036;
const MAX_NANOS = 854775807;
const MIN_SECONDS = -9223372037;
const MIN_NANOS = 145224192;

/** The digit at `at`, or NaN: sums of digits and a NaN are NaN, so a number is checked once as a whole. */
function digit(text: Uint8Array, at: number): number {
  const value = text[at]! - 48;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}

function twoDigits(text: Uint8Array, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

/**
 * Reads a text from `start` to `end` of UTF-8:
 * `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS[.fraction][Z|±HH:MM]` (`T` or a blank) into `into`; no zone is UTC.
 * Digits after the ninth are dropped. False for any other text; then `into` is unspecified.
 */
export function readTimeBytes(text: Uint8Array, start: number, end: number, into: ParsedTime): boolean {
  const size = end - start;
  if (size < 10 || text[start + 4] !== 45 || text[start + 7] !== 45) return false;
  const year = twoDigits(text, start) * 100 + twoDigits(text, start + 2);
  const month = twoDigits(text, start + 5);
  const day = twoDigits(text, start + 8);
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= 31)) return false;
  if (day > 28 && day > daysInMonth(year, month)) return false;
  const days = daysFromCivil(year, month, day);
  into.nanos = 0;
  if (size === 10) {
    into.seconds = days * 86400;
    into.digits = -1;
    return true;
  }
  const separator = text[start + 10];
  if (size < 19 || (separator !== 84 && separator !== 32)) return false;
  if (text[start + 13] !== 58 || text[start + 16] !== 58) return false;
  const hour = twoDigits(text, start + 11);
  const minute = twoDigits(text, start + 14);
  const second = twoDigits(text, start + 17);
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return false;
  let seconds = days * 86400 + hour * 3600 + minute * 60 + second;
  let at = start + 19;
  let digits = 0;
  if (at < end && text[at] === 46) {
    let nanos = 0;
    let place = 100_000_000;
    for (at++; at < end; at++) {
      const value = digit(text, at);
      if (Number.isNaN(value)) break;
      digits++;
      nanos += value * place;
      place = place === 1 || place === 0 ? 0 : place / 10;
    }
    if (digits === 0) return false;
    into.nanos = nanos;
  }
  into.digits = digits;
  if (at < end) {
    const zone = text[at];
    if (zone === 90) {
      at++;
    } else if (zone === 43 || zone === 45) {
      if (end !== at + 6 || text[at + 3] !== 58) return false;
      const offsetHour = twoDigits(text, at + 1);
      const offsetMinute = twoDigits(text, at + 4);
      if (!(offsetHour <= 23 && offsetMinute <= 59)) return false;
      const offset = offsetHour * 3600 + offsetMinute * 60;
      seconds -= zone === 43 ? offset : -offset;
      at += 6;
    }
    if (at !== end) return false;
  }
  into.seconds = seconds;
  return true;
}

let asBytes = new Uint8Array(64);

/** `readTimeBytes` of a text. */
export function readTime(text: string, into: ParsedTime): boolean {
  const size = text.length;
  if (size < 10) return false;
  if (size > asBytes.length) asBytes = new Uint8Array(2 * size);
  for (let at = 0; at < size; at++) {
    const unit = text.charCodeAt(at);
    asBytes[at] = unit < 0x80 ? unit : 0xff;
  }
  return readTimeBytes(asBytes, 0, size, into);
}

/** Whether a time is one of a signed 64-bit count of nanoseconds since 1970 (years 1677 to 2262). */
export function fitsNanoseconds(seconds: number, nanos: number): boolean {
  if (seconds >= MAX_SECONDS) return seconds === MAX_SECONDS && nanos <= MAX_NANOS;
  if (seconds <= MIN_SECONDS) return seconds === MIN_SECONDS && nanos >= MIN_NANOS;
  return true;
}

/**
 * Writes `seconds * unitsPerSecond + units` as a 64-bit integer to `halves[2 * index]` (low) and the next (high),
 * without a BigInt: the product is taken in 16-bit steps that doubles hold exactly.
 */
export function writeInt64(
  halves: Int32Array | Uint32Array,
  index: number,
  seconds: number,
  unitsPerSecond: number,
  units: number,
): void {
  const high = Math.floor(seconds / 65536);
  const low = (seconds - high * 65536) * unitsPerSecond + units;
  const carry = Math.floor(low / 65536);
  const upper = high * unitsPerSecond + carry;
  const top = Math.floor(upper / 65536);
  halves[2 * index] = (upper - top * 65536) * 65536 + (low - carry * 65536);
  halves[2 * index + 1] = top;
}

const scratch: ParsedTime = { seconds: 0, nanos: 0, digits: 0 };

/** The time that a text means (language reference, 5.6), in nanoseconds since 1970; null for any other text. */
export function parseTimestamp(text: string): bigint | null {
  if (!readTime(text, scratch) || !fitsNanoseconds(scratch.seconds, scratch.nanos)) return null;
  return BigInt(scratch.seconds) * 1_000_000_000n + BigInt(scratch.nanos);
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

/** `YYYY-MM-DD`; years outside 0000 to 9999 carry a sign. */
export function formatDate(days: number): string {
  const { year, month, day } = civilFromDays(days);
  const sign = year < 0 ? "-" : year > 9999 ? "+" : "";
  return `${sign}${pad(Math.abs(year), 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

const BILLION = 1_000_000_000;

/**
 * Divides a 64-bit integer, given by its halves, by a billion, rounding down; `high` may have a sign, `low` has none.
 * `into` gets the quotient and the rest. All of it is numbers that doubles hold exactly.
 */
export function divideByBillion(high: number, low: number, into: Float64Array): void {
  const upper = Math.floor(high / 65_536);
  // 2^32 is 4 billions and 294,967,296; 2^48 is 281,474 billions and 976,710,656.
  const rest = upper * 976_710_656 + (high - upper * 65_536) * 294_967_296 + low;
  const billions = Math.floor(rest / BILLION);
  into[0] = upper * 19_330 + 4 * high + billions;
  into[1] = rest - billions * BILLION;
}

/** `YYYY-MM-DDTHH:MM:SS.nnnnnnnnn` of nanoseconds since 1970, in UTC, without a zone letter. */
export function formatTimestamp(ns: bigint): string {
  let seconds = ns / 1_000_000_000n;
  let nanos = ns % 1_000_000_000n;
  if (nanos < 0n) {
    nanos += 1_000_000_000n;
    seconds -= 1n;
  }
  let days = seconds / 86400n;
  let second = Number(seconds % 86400n);
  if (second < 0) {
    second += 86400;
    days -= 1n;
  }
  const time = `${pad(Math.floor(second / 3600), 2)}:${pad(Math.floor(second / 60) % 60, 2)}:${pad(second % 60, 2)}`;
  return `${formatDate(Number(days))}T${time}.${String(nanos).padStart(9, "0")}`;
}
