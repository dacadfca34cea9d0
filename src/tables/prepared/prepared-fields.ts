/** The field metadata under which a column's Fenl type is kept, as JSON. */
export const TYPE_METADATA = "fenl:type";

/** The field metadata of subsorts of 32 bits: what is added to them, decimal. */
export const FIRST_METADATA = "fenl:first";

/** The fields before the source's columns. */
export const ENTITIES_FIELD = "_entities";
export const IDENTITY_FIELDS = ["_time", "_subsort"] as const;

/** What there is of each entity, before the key: its hash, which once was a field of each row, and where its rows end. */
export const ENTITY_FIELDS = ["_key_hash", "_end"] as const;

/** The field name of a source's column: prefixed, so that no name meets those of the identity. */
export function fieldName(column: string): string {
  return `.${column}`;
}
