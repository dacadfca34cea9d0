/** A call of a Python module's function with texts, as Python's pickle has it: reading it gives what the call returns. */
export function pickledCall(module: string, name: string, words: readonly string[]): Uint8Array {
  const parts = [
    Buffer.of(0x80, 4),
    text(module),
    text(name),
    // STACK_GLOBAL, MARK
    Buffer.of(0x93, 0x28),
    ...words.map(text),
    // TUPLE, REDUCE, STOP
    Buffer.from("tR.", "latin1"),
  ];
  return Buffer.concat(parts);
}

/** BINUNICODE: the length in four bytes, then UTF-8. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  const head = Buffer.alloc(5);
  head.write("X", "latin1");
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
