import type { FenlType } from "../values/fenl-type.ts";
import type { DomainId, ValueId } from "./plan.ts";

/**
 * An expression of the typed tree after lowering: where its rows are and which values hold it. A record is one value
 * for each of its scalar leaves, so that nothing in the engine has to know records.
 */
export type Shape = ScalarShape | RecordShape;

interface ShapeBase {
  readonly type: FenlType;
  readonly domain: DomainId | null;
  readonly continuous: boolean;
  /** Where it is new (a bool value, false where its own domain has no row); null: never. */
  readonly isNew: ValueId | null;
}

export interface ScalarShape extends ShapeBase {
  readonly kind: "scalar";
  readonly value: ValueId;
}

/** `valid` tells whether the record itself is there. Fields keep domain, continuity and newness of their own. */
export interface RecordShape extends ShapeBase {
  readonly kind: "record";
  /** The record is one value, as a table's events are; otherwise a bundle of fields, as a literal is. */
  readonly whole: boolean;
  readonly valid: ValueId;
  readonly fields: ReadonlyMap<string, Shape>;
}
