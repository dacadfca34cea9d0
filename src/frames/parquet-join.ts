import { numberAt, structAt, structsAt, ThriftReader, type ThriftStruct, thriftBytes } from "../tables/bulk/thrift.ts";

/** The bytes `PAR1`, at both ends of a file. */
const MAGIC = Uint8Array.of(0x50, 0x41, 0x52, 0x31);
/** The highest number that a row group can have. */
const LAST_ORDINAL = 32_767;

// The numbers of the fields that are used, in the structs of Parquet's metadata.
const FILE = { rows: 3, groups: 4 };
const GROUP = { columns: 1, offset: 5, ordinal: 7 };
const CHUNK = { offset: 2, metadata: 3, offsetIndex: 4, offsetIndexSize: 5, columnIndex: 6, columnIndexSize: 7 };
const COLUMN = { compressedSize: 7, dataPage: 9, indexPage: 10, dictionaryPage: 11, bloomFilter: 14 };

/**
 * Makes one Parquet file of several with the same columns, one after the other: their row groups are copied as they are,
 * and only where they begin is written anew. Indexes of pages, which are beside the row groups, are left out.
 */
export class ParquetJoin {
  /** The first file's metadata. */
  #form: ThriftStruct | null = null;
  /** Each row group's metadata, as its bytes. */
  readonly #groups: Uint8Array[] = [];
  #rows = 0;
  #end = MAGIC.length;

  /** What the file begins with. */
  start(): Uint8Array {
    return MAGIC;
  }

  /** Takes in a file. @returns the part of it that is to be appended */
  add(file: Uint8Array): Uint8Array {
    const metadata = readMetadata(file);
    const groups = structsAt(metadata, FILE.groups);
    const shift = this.#end - MAGIC.length;
    let end = MAGIC.length;
    for (const group of groups) {
      end = Math.max(end, endOf(group));
      this.#groups.push(thriftBytes(movedGroup(group, shift, this.#groups.length)));
    }
    this.#form ??= metadata;
    this.#rows += numberAt(metadata, FILE.rows)!;
    this.#end += end - MAGIC.length;
    return file.subarray(MAGIC.length, end);
  }

  /** What the file ends with, after at least one file was added. */
  end(): Uint8Array {
    const metadata = thriftBytes(this.#form!.with({ [FILE.rows]: this.#rows, [FILE.groups]: this.#groups }));
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, metadata.length, true);
    return Buffer.concat([metadata, length, MAGIC]);
  }
}

function readMetadata(file: Uint8Array): ThriftStruct {
  const length = new DataView(file.buffer, file.byteOffset, file.byteLength).getUint32(file.length - 8, true);
  return new ThriftReader(file, file.length - 8 - length).struct();
}

/** Where the pages of a row group end. */
function endOf(group: ThriftStruct): number {
  return Math.max(
    ...structsAt(group, GROUP.columns).map((chunk) => {
      const column = structAt(chunk, CHUNK.metadata)!;
      const begin = numberAt(column, COLUMN.dictionaryPage) ?? numberAt(column, COLUMN.dataPage)!;
      return begin + numberAt(column, COLUMN.compressedSize)!;
    }),
  );
}

/** A row group's metadata, `shift` bytes farther on in a file where it is number `index`. */
function movedGroup(group: ThriftStruct, shift: number, index: number): ThriftStruct {
  const columns = structsAt(group, GROUP.columns).map((chunk) => {
    const { metadata, offset, ...indexes } = CHUNK;
    const { compressedSize: _size, ...places } = COLUMN;
    const column = moved(structAt(chunk, metadata)!, Object.values(places), shift);
    const without = Object.fromEntries(Object.values(indexes).map((field) => [field, undefined]));
    // Writers that know better write 0 here.
    const begins = numberAt(chunk, offset) ? shift : 0;
    return moved(chunk, [offset], begins).with({ [metadata]: column, ...without });
  });
  return moved(group, [GROUP.offset], shift).with({
    [GROUP.columns]: columns,
    [GROUP.ordinal]: index <= LAST_ORDINAL ? index : undefined,
  });
}

function moved(struct: ThriftStruct, fields: readonly number[], shift: number): ThriftStruct {
  return struct.with(
    Object.fromEntries(
      fields.flatMap((field) => {
        const offset = numberAt(struct, field);
        return offset === undefined ? [] : [[field, offset + shift]];
      }),
    ),
  );
}
