import { tableFromIPC } from "apache-arrow";
import type { FenlType } from "../../values/fenl-type.ts";
import { fenlTypeOf } from "./arrow-type.ts";

/** The types of the Arrow schema that Arrow's writers leave in a Parquet file, by column; null where it is none. */
export function typesOfArrowSchema(base64: string): Map<string, FenlType> | null {
  let fields: { name: string; type: Parameters<typeof fenlTypeOf>[0] }[];
  try {
    fields = tableFromIPC(Buffer.from(base64, "base64")).schema.fields;
  } catch {
    // The file's own schema suffices: this one only adds units.
    return null;
  }
  const types = new Map<string, FenlType>();
  for (const field of fields) {
    const mapping = fenlTypeOf(field.type);
    if (mapping.type !== null) types.set(field.name, mapping.type);
  }
  return types;
}
