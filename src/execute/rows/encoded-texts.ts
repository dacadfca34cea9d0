import type { HostValue } from "../../values/host-value.ts";

/** Texts as Arrow has them: their UTF-8 bytes one after the other, and where each begins and ends. */
export interface EncodedTexts {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
  /** A byte per text, 1 where there is none. Absent: there are all. */
  readonly missing?: Uint8Array;
}

/** Texts that are encoded at once: they are first made into one. */
const TEXTS_AT_ONCE = 1 << 14;

/** Where bytes go: by default into memory that only this thread sees. */
export type AllocateBytes = (bytes: number) => ArrayBuffer;

/** Encodes texts, nulls among them. @throws RangeError where they have more than 2 GiB */
export function encodeTexts(
  texts: readonly HostValue[],
  allocate: AllocateBytes = (bytes) => new ArrayBuffer(bytes),
): EncodedTexts {
  const count = texts.length;
  const offsets = new Int32Array(allocate(4 * (count + 1)));
  let missing: Uint8Array | undefined;
  for (let index = 0; index < count; index++) {
    if ((texts[index] ?? null) !== null) continue;
    missing ??= new Uint8Array(allocate(count));
    missing[index] = 1;
  }
  const pieces: Buffer[] = [];
  let end = 0;
  for (let from = 0; from < count; from += TEXTS_AT_ONCE) {
    const some = texts.slice(from, from + TEXTS_AT_ONCE) as readonly (string | null)[];
    const piece = joinedBytes(some) ?? separateBytes(some);
    for (let index = 0; index < some.length; index++) offsets[from + index + 1] = end + piece.ends[index]!;
    pieces.push(piece.bytes);
    end += piece.bytes.length;
    if (end > 0x7fffffff) throw new RangeError("a text column of more than 2 GiB does not fit an Arrow table");
  }
  const bytes = new Uint8Array(allocate(end));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return { offsets, bytes, ...(missing ? { missing } : {}) };
}

interface Piece {
  readonly bytes: Buffer;
  readonly ends: Int32Array;
}

/** Encodes all texts as one. Null where they are not all ASCII. */
function joinedBytes(texts: readonly (string | null)[]): Piece | null {
  const ends = new Int32Array(texts.length);
  let length = 0;
  for (let index = 0; index < texts.length; index++) {
    length += texts[index]?.length ?? 0;
    if (length > MOST_AT_ONCE) return null;
    ends[index] = length;
  }
  // Null becomes nothing.
  const bytes = Buffer.from(texts.join(""));
  return bytes.length === length ? { bytes, ends } : null;
}

/** What is longer is no string that all engines can have. */
const MOST_AT_ONCE = 1 << 28;

function separateBytes(texts: readonly (string | null)[]): Piece {
  const ends = new Int32Array(texts.length);
  let length = 0;
  for (let index = 0; index < texts.length; index++) {
    length += Buffer.byteLength(texts[index] ?? "");
    if (length > 0x7fffffff) throw new RangeError("a text column of more than 2 GiB does not fit an Arrow table");
    ends[index] = length;
  }
  const bytes = Buffer.allocUnsafe(length);
  for (let index = 0, at = 0; index < texts.length; at = ends[index++]!) bytes.write(texts[index] ?? "", at);
  return { bytes, ends };
}

/** Codes of texts, and a null where there is none. */
export interface CodedTexts {
  readonly codes: Int32Array;
  readonly texts: EncodedTexts;
  readonly nullCount: number;
  /** A bit per row, as Arrow has them; absent where no row is null. */
  readonly nullBitmap: Uint8Array | undefined;
}
