import { sliceRows } from "../rows/gather.ts";
import type { Interner } from "../rows/interner.ts";
import type { Dictionary, RowSetColumn } from "../rows/row-set.ts";
import type { JobSource, StoredRows } from "../rows/stage-job.ts";
import { type RowOrder, RunMerge } from "../spill/merge-runs.ts";
import { type RunReader, runReader } from "../spill/run-reader.ts";
import { preparedReader } from "./prepared-reader.ts";

/** Rows of a source in order, a part at a time. */
export interface RowStream {
  /** At most `most` rows; null after the last one. */
  next(most: number): StoredRows | null;
  close(): void;
}

/** The rows of a prepared file, or of several ones together. */
const SCAN_ORDER: RowOrder = {
  keys: (rows) => [{ values: rows.keyHash }, { values: rows.time }],
  ties: (rows) => [{ values: rows.subsort }],
};

/** The rows of a job's source, with codes of the run's interner for values of host types. */
export function rowStream(source: JobSource, interner: Interner, mostRows: number): RowStream {
  const readers = source.kind === "rows" ? [runReader(source.rows)] : scanReaders(source);
  const isOne = source.kind === "rows" || areApart(source);
  const rows = isOne ? inSequence(readers) : inOrder(readers, new RunMerge(readers, SCAN_ORDER, mostRows));
  const codes = new CodeMap(interner);
  return {
    next(most) {
      const next = rows.next(most);
      return next && codes.rows(next);
    },
    close: () => rows.close(),
  };
}

type ScanSource = Extract<JobSource, { kind: "scan" }>;

function scanReaders(source: ScanSource): RunReader[] {
  const [first, last] = [BigInt(source.range.first), BigInt(source.range.last)];
  return filesInOrder(source)
    .filter(({ file }) => BigInt(file.lastKeyHash) >= first && BigInt(file.firstKeyHash) <= last)
    .map((scan) => preparedReader(source, scan));
}

/** Files that share no entity in the order of their entities, others in that of their loads. */
function filesInOrder(source: ScanSource): ScanSource["files"] {
  return areApart(source) ? byEntity(source) : source.files;
}

function byEntity({ files }: ScanSource): ScanSource["files"] {
  return [...files].sort((a, b) => (BigInt(a.file.firstKeyHash) < BigInt(b.file.firstKeyHash) ? -1 : 1));
}

function areApart(source: ScanSource): boolean {
  const files = byEntity(source);
  return files.every(
    ({ file }, index) => index === 0 || BigInt(files[index - 1]!.file.lastKeyHash) < BigInt(file.firstKeyHash),
  );
}

function inSequence(readers: readonly RunReader[]): RowStream {
  let index = 0;
  let row = 0;
  return {
    next(most) {
      while (index < readers.length && row === readers[index]!.rows) [index, row] = [index + 1, 0];
      if (index === readers.length) return null;
      const reader = readers[index]!;
      const rows = reader.read(row, Math.min(row + most, reader.rows));
      row += rows.rows;
      return rows;
    },
    close: () => closeAll(readers),
  };
}

function inOrder(readers: readonly RunReader[], merge: RunMerge): RowStream {
  let rest: StoredRows | null = null;
  return {
    next(most) {
      const rows = rest ?? merge.next();
      if (rows === null || rows.rows <= most) {
        rest = null;
        return rows;
      }
      rest = sliceRows(rows, most, rows.rows);
      return sliceRows(rows, 0, most);
    },
    close: () => closeAll(readers),
  };
}

function closeAll(readers: readonly RunReader[]): void {
  for (const reader of readers) reader.close();
}

/** Brings the codes of dictionaries into those of the run's interner. */
class CodeMap {
  readonly #interner: Interner;
  #known = new WeakMap<Dictionary, Int32Array>();

  constructor(interner: Interner) {
    this.#interner = interner;
    interner.hold({
      renew: () => {
        this.#known = new WeakMap();
      },
    });
  }

  rows(rows: StoredRows): StoredRows {
    const columns = rows.columns.map((column) => this.#column(column));
    return { ...rows, columns, ...(rows.key ? { key: this.#column(rows.key) } : {}) };
  }

  #column({ dictionary, ...column }: RowSetColumn): RowSetColumn {
    if (!dictionary) return column;
    let codes = this.#known.get(dictionary);
    if (codes === undefined) {
      codes = this.#interner.addAll(dictionary);
      this.#known.set(dictionary, codes);
    }
    const own = codes;
    return { ...column, values: (column.values as Int32Array).map((code) => own[code] ?? 0) };
  }
}
