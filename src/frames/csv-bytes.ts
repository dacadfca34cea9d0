import { divideByBillion, formatDate } from "../values/timestamp.ts";

const [ZERO, DOT, MINUS, COLON, T] = [48, 46, 45, 58, 84];
const BILLION = 1_000_000_000;
/** What a cell of fixed length has at most. */
const LONGEST = 64;

/** Three digits each of the numbers below a thousand. */
const THREE_DIGITS = Uint8Array.from({ length: 3000 }, (_, at) => {
  const number = Math.floor(at / 3);
  return ZERO + [Math.floor(number / 100), Math.floor(number / 10) % 10, number % 10][at % 3]!;
});

/** Lines of CSV as bytes, written one after the other. */
export class CsvBytes {
  #bytes: Buffer;
  #at = 0;
  #lastDay = Number.NaN;
  #date: Buffer = Buffer.alloc(0);
  /** A quotient and a rest. */
  readonly #divided = new Float64Array(2);

  /** `size`: how many bytes there is room for at first. */
  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size);
  }

  get length(): number {
    return this.#at;
  }

  /** What has been written; it is not here any more then. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
    return taken;
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#at + size, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }

  byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = byte;
  }

  text(text: string): void {
    this.#reserve(3 * text.length);
    if (text.length > LONGEST || !this.#ascii(text)) this.#at += this.#bytes.write(text, this.#at);
  }

  /** A short text, which costs less letter by letter than asking the system. False where it is not all ASCII. */
  #ascii(text: string): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit >= 0x80) return false;
      bytes[at + index] = unit;
    }
    this.#at = at + text.length;
    return true;
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    if (bytes.length > LONGEST) this.#bytes.set(bytes, this.#at);
    else for (let index = 0; index < bytes.length; index++) this.#bytes[this.#at + index] = bytes[index]!;
    this.#at += bytes.length;
  }

  /** A 64-bit integer without a sign, by its halves. */
  unsigned(high: number, low: number): void {
    this.#reserve(LONGEST);
    // Below 2^53.
    if (high < 0x20_0000) this.#number(high * 2 ** 32 + low);
    else {
      divideByBillion(high, low, this.#divided);
      this.#number(this.#divided[0]!);
      this.#nineDigits(this.#divided[1]!);
    }
  }

  /** A double of up to four decimals and a size of 1e-5 up to 1e10. False for others: nothing is written then. */
  decimal(value: number): boolean {
    const scaled = Math.round(value * 1e4);
    // A decimal of up to 15 digits that is read as the number is the shortest one.
    if (scaled / 1e4 !== value || scaled === 0 || !(Math.abs(scaled) < 1e14)) return false;
    this.#reserve(LONGEST);
    if (scaled < 0) this.#bytes[this.#at++] = MINUS;
    const size = Math.abs(scaled);
    const whole = Math.floor(size / 1e4);
    let fraction = size - whole * 1e4;
    this.#number(whole);
    this.#bytes[this.#at++] = DOT;
    do {
      const digit = Math.floor(fraction / 1000);
      this.#bytes[this.#at++] = ZERO + digit;
      fraction = (fraction - digit * 1000) * 10;
    } while (fraction > 0);
    return true;
  }

  /** Nanoseconds since 1970, by their halves, of which the high one has the sign, as a time. */
  nanoseconds(high: number, low: number): void {
    this.#reserve(LONGEST);
    divideByBillion(high, low, this.#divided);
    const seconds = this.#divided[0]!;
    const day = Math.floor(seconds / 86_400);
    if (day !== this.#lastDay) {
      this.#lastDay = day;
      this.#date = Buffer.from(formatDate(day));
    }
    const date = this.#date;
    for (let index = 0; index < date.length; index++) this.#bytes[this.#at++] = date[index]!;
    const second = seconds - day * 86_400;
    const minute = Math.floor(second / 60);
    this.#bytes[this.#at++] = T;
    this.#twoDigits(Math.floor(minute / 60));
    this.#bytes[this.#at++] = COLON;
    this.#twoDigits(minute % 60);
    this.#bytes[this.#at++] = COLON;
    this.#twoDigits(second % 60);
    this.#bytes[this.#at++] = DOT;
    this.#nineDigits(this.#divided[1]!);
  }

  #twoDigits(number: number): void {
    this.#bytes[this.#at++] = THREE_DIGITS[3 * number + 1]!;
    this.#bytes[this.#at++] = THREE_DIGITS[3 * number + 2]!;
  }

  #threeDigits(number: number): void {
    this.#bytes[this.#at++] = THREE_DIGITS[3 * number]!;
    this.#bytes[this.#at++] = THREE_DIGITS[3 * number + 1]!;
    this.#bytes[this.#at++] = THREE_DIGITS[3 * number + 2]!;
  }

  #nineDigits(number: number): void {
    const upper = Math.floor(number / 1e6);
    const rest = number - upper * 1e6;
    const middle = Math.floor(rest / 1e3);
    this.#threeDigits(upper);
    this.#threeDigits(middle);
    this.#threeDigits(rest - middle * 1e3);
  }

  /** A whole number without a sign, below 2^53. */
  #number(number: number): void {
    if (number >= BILLION) {
      const upper = Math.floor(number / BILLION);
      this.#number(upper);
      this.#nineDigits(number - upper * BILLION);
    } else if (number >= 1000) {
      const upper = Math.floor(number / 1000);
      this.#number(upper);
      this.#threeDigits(number - upper * 1000);
    } else {
      if (number >= 100) this.#bytes[this.#at++] = THREE_DIGITS[3 * number]!;
      if (number >= 10) this.#bytes[this.#at++] = THREE_DIGITS[3 * number + 1]!;
      this.#bytes[this.#at++] = THREE_DIGITS[3 * number + 2]!;
    }
  }
}
