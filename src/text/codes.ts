/** Every diagnostic code with its fixed title. Codes are never reused for another meaning. */
export const CODES = {
  E0001: "Illegal field reference",
  E0002: "Illegal cast",
  E0003: "Illegal identifier",
  E0004: "Formula already defined",
  E0006: "Unbound reference",
  E0007: "Undefined function",
  E0008: "Invalid arguments",
  E0009: "Duplicate field names in record expression",
  E0010: "Invalid argument type(s)",
  E0011: "Invalid syntax",
  E0012: "Circular dependency",
  E0013: "Invalid output type",
  E0014: "Invalid non-constant argument",
  E0015: "Incompatible argument types",
  E0016: "Out of memory",
  B1000: "Internal error",
  B1001: "Failed to report diagnostic",
  W2000: "Incompatible time domains",
  W2001: "Unused binding",
} as const;

export type Code = keyof typeof CODES;
