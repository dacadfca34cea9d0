import type { FenlType } from "../../src/values/fenl-type.ts";
import { type Domain, rowIdentity } from "./domain.ts";
import type { Value } from "./value.ts";

/** What an expression has at one row. */
export interface Cell {
  readonly value: Value;
  readonly isNew: boolean;
}

/** One value per row of a domain; a constant has a single cell. */
export interface Column {
  readonly kind: "column";
  readonly continuous: boolean;
  readonly cells: readonly Cell[];
}

/**
 * A record whose fields keep their own rows, continuity, newness and nulls. `present` says where there is a record at
 * all: its value is true or null.
 */
export interface Fields {
  readonly kind: "fields";
  /** True after a shift: one value from then on, which is last where it was last there. */
  readonly whole?: boolean;
  readonly present: Column;
  readonly fields: ReadonlyMap<string, Timeline>;
}

/** An expression evaluated: its rows and what it has there. Constants have no domain. */
export interface Timeline {
  readonly domain: Domain | null;
  readonly shape: Column | Fields;
}

/** A column made cell by cell from columns of the same rows: new where one of them is. */
export function zipColumns(
  columns: readonly Column[],
  compute: (values: readonly Value[]) => Value,
  continuous = columns.every((column) => column.continuous),
): Column {
  const count = columns[0]?.cells.length ?? 0;
  const cells: Cell[] = [];
  for (let index = 0; index < count; index++) {
    const row = columns.map((column) => column.cells[index]!);
    cells.push({ value: compute(row.map((cell) => cell.value)), isNew: row.some((cell) => cell.isNew) });
  }
  return { kind: "column", continuous, cells };
}

function alignColumn(column: Column, from: Domain | null, to: Domain | null): Column {
  if (from === to || to === null) return column;
  if (from === null) {
    const cell = { value: column.cells[0]!.value, isNew: false };
    return { kind: "column", continuous: true, cells: to.rows.map(() => cell) };
  }
  const places = new Map(from.rows.map((row, index) => [rowIdentity(row), index]));
  const standing = new Map<bigint, Value>();
  const cells = to.rows.map((row): Cell => {
    const place = places.get(rowIdentity(row));
    if (place !== undefined) {
      const cell = column.cells[place]!;
      standing.set(row.hash, cell.value);
      return cell;
    }
    return { value: column.continuous ? (standing.get(row.hash) ?? null) : null, isNew: false };
  });
  return { kind: "column", continuous: column.continuous, cells };
}

/**
 * Carries a timeline to the rows of a wider domain. On rows that it lacks: a discrete value is null, a continuous one is
 * the last produced for the entity, null included; nothing is new there. The fields of records are carried one by one.
 */
export function align(timeline: Timeline, to: Domain | null): Timeline {
  const { domain, shape } = timeline;
  if (shape.kind === "column") return { domain: to, shape: alignColumn(shape, domain, to) };
  const fields = new Map<string, Timeline>();
  for (const [name, field] of shape.fields) fields.set(name, align(field, to));
  return { domain: to, shape: { ...shape, present: alignColumn(shape.present, domain, to), fields } };
}

/** Changes every column of a timeline whose fields have all been aligned to its rows, which become `domain`. */
export function mapColumns(timeline: Timeline, domain: Domain | null, change: (column: Column) => Column): Timeline {
  const { shape } = timeline;
  if (shape.kind === "column") return { domain, shape: change(shape) };
  const fields = new Map<string, Timeline>();
  for (const [name, field] of shape.fields) fields.set(name, mapColumns(field, domain, change));
  return { domain, shape: { ...shape, present: change(shape.present), fields } };
}

/**
 * A record about to meet other rows as a whole: its literal fields stand on its own rows, so that they are null before
 * the first of them, as all else of it.
 */
export function settle(timeline: Timeline, domain: Domain | null = timeline.domain): Timeline {
  const { shape } = timeline;
  if (shape.kind === "column") return timeline.domain === null ? align(timeline, domain) : timeline;
  const fields = new Map<string, Timeline>();
  for (const [name, field] of shape.fields) fields.set(name, settle(field, domain));
  return { domain: timeline.domain, shape: { ...shape, fields } };
}

/** True for values, and records all of whose fields at any depth, that are continuous. */
export function isContinuous({ shape }: Timeline): boolean {
  return shape.kind === "column" ? shape.continuous : [...shape.fields.values()].every(isContinuous);
}

/** A record as one value: null where there is none, continuous iff all its fields are. */
export function collapse(timeline: Timeline): Column {
  const { shape } = align(timeline, timeline.domain);
  if (shape.kind === "column") return shape;
  const fields = [...shape.fields.values()].map(collapse);
  const cells = shape.present.cells.map((cell, index) => ({
    value: cell.value === null ? null : fields.map((field) => field.cells[index]!.value),
    isNew: cell.isNew,
  }));
  return { kind: "column", continuous: fields.every((field) => field.continuous), cells };
}

/** A record of one value taken apart: each field is null where the record is. */
export function expand(timeline: Timeline, type: FenlType): Fields {
  const { domain, shape } = timeline;
  if (shape.kind === "fields") return shape;
  if (type.kind !== "record") throw new Error(`a ${type.kind} has no fields`);
  const fields = new Map<string, Timeline>();
  for (const [position, field] of type.fields.entries()) {
    const column = zipColumns([shape], ([value]) => (value === null ? null : (value as Value[])[position]!));
    fields.set(field.name, { domain, shape: column });
  }
  return { kind: "fields", present: zipColumns([shape], ([value]) => (value === null ? null : true)), fields };
}

/** The cells of the rows at `indices`, in that order. */
export function pick(indices: readonly number[]): (column: Column) => Column {
  return (column) => ({ ...column, cells: indices.map((index) => column.cells[index]!) });
}

/** Cells are new also where those of `also` are. */
export function renew(also: Column): (column: Column) => Column {
  return (column) => ({
    ...column,
    cells: column.cells.map((cell, index) => ({ value: cell.value, isNew: cell.isNew || also.cells[index]!.isNew })),
  });
}
