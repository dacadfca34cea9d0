import { CONTEXT, type ColumnSlots, type SourceSlots } from "../../compile/stage-layout.ts";
import { isHostType } from "../../values/fenl-type.ts";
import type { JobSource } from "../rows/stage-job.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import type { ScanRead } from "../scan/read-scan.ts";

type ScanSource = Extract<JobSource, { kind: "scan" }>;

interface SeenScan {
  readonly source: ScanSource;
  readonly slots: SourceSlots;
  readonly read: ScanRead;
  /** The context block of the stage that it was read for. */
  readonly context: DataView;
}

/** What the stages of a chain have read of tables: where a later one wants no more of a table, it need not be read again. */
export class SeenScans {
  readonly #memory: StageMemory;
  readonly #seen: SeenScan[] = [];

  constructor(memory: StageMemory) {
    this.#memory = memory;
  }

  /** Takes note of a scan that was read for the present stage. */
  add(source: ScanSource, slots: SourceSlots, read: ScanRead, contextBytes: number): void {
    const context = new DataView(this.#memory.bytes.slice(CONTEXT, CONTEXT + contextBytes).buffer);
    this.#seen.push({ source, slots, read, context });
  }

  /** Tells a stage where the rows of a scan are, if an earlier stage has read all of it that is wanted. */
  find(source: ScanSource, slots: SourceSlots): ScanRead | null {
    const seen = this.#seen.find((one) => hasAll(one, source, slots));
    if (seen === undefined) return null;
    const memory = this.#memory;
    const copy = (to: number | undefined, from: number | undefined) => {
      if (to !== undefined) memory.setSlot(to, seen.context.getUint32(from!, true));
    };
    const copyColumn = (to: ColumnSlots, from: ColumnSlots) => {
      copy(to.values, from.values);
      copy(to.valid, from.valid);
    };
    const before = seen.slots;
    copy(slots.rows, before.rows);
    copy(slots.identity.time, before.identity.time);
    copy(slots.entities?.hashes, before.entities?.hashes);
    copy(slots.entities?.ends, before.entities?.ends);
    copy(slots.keyBase, before.keyBase);
    if (slots.firstSubsort !== undefined) {
      memory.setSlot64(slots.firstSubsort, seen.context.getBigInt64(before.firstSubsort!, true));
    }
    memory.setSlot(slots.identity.subsort, slots.subsortsLater ? 0 : seen.read.readSubsorts());
    for (const [index, column] of slots.columns.entries()) {
      const { name, read } = source.columns[index]!;
      if (read) copyColumn(column, before.columns[placeOf(seen.source, name)]!);
    }
    if (slots.key) copyColumn(slots.key, before.key!);
    return seen.read;
  }

  /** The memory is used for something else. */
  clear(): void {
    this.#seen.length = 0;
  }
}

/** Where a scan has a column that was read. */
function placeOf({ columns }: ScanSource, wanted: string): number {
  return columns.findIndex(({ name, read }) => read && name === wanted);
}

function hasAll({ source, slots }: SeenScan, wanted: ScanSource, wantedSlots: SourceSlots): boolean {
  const { range, files, columns, keyColumn } = wanted;
  const isSame =
    source.range.first === range.first &&
    source.range.last === range.last &&
    source.files.length === files.length &&
    source.files.every(({ file, keyBase }, index) => {
      const other = files[index]!;
      return file.path === other.file.path && (keyColumn === undefined || keyBase === other.keyBase);
    });
  const hasKey = keyColumn === undefined || source.keyColumn?.name === keyColumn.name;
  const hasTimes = slots.withoutTimes !== true || wantedSlots.withoutTimes === true;
  const isAlike =
    (slots.firstSubsort === undefined) === (wantedSlots.firstSubsort === undefined) &&
    (slots.entities === undefined) === (wantedSlots.entities === undefined);
  // Codes of texts are those of a stage.
  const hasColumns = columns.every(({ name, type, read }) => {
    return !read || (!isHostType(type) && placeOf(source, name) >= 0);
  });
  return isSame && hasKey && hasTimes && isAlike && hasColumns && (keyColumn === undefined || isPlain(wantedSlots.key));
}

function isPlain(key: ColumnSlots | undefined): boolean {
  return key === undefined || key.coded === true || !isHostType(key.type);
}
