/**
 * A Fenl value in TypeScript, outside WebAssembly.
 * null; bool -> boolean; 64-bit integers, timestamps, durations, date64 -> bigint (unit of the type);
 * other integers, date32, intervals and floats -> number; strings and json -> string;
 * list -> array; map -> array of [key, value] pairs in source order; record -> array of the fields' values in order.
 */
export type HostValue = null | boolean | bigint | number | string | readonly HostValue[];
