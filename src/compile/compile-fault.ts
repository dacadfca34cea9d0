/** The compiler failed on a plan, or its text was refused: a fault of the engine, whose reason is the cause. */
export class CompileFault extends Error {
  override readonly name = "CompileFault";

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
