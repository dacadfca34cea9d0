/** What went wrong on Spark. */
export type SparkFaultKind =
  /** Spark could not be started, reached, or has ended. */
  | "start"
  /** A row or a file that cannot be used; the message is that of loading it. */
  | "data"
  /** Spark did not do what it was asked to: order, or whole entities. */
  | "guard"
  /** Spark itself: a path that it cannot read, a lack of memory. */
  | "spark"
  /** A fault of this project. */
  | "engine";

/** A query that failed on Spark, for another reason than its text; told as it would be locally, without Java's stack. */
export class SparkFault extends Error {
  override readonly name = "SparkFault";
  readonly kind: SparkFaultKind;

  constructor(kind: SparkFaultKind, message: string) {
    super(message);
    this.kind = kind;
  }

  static of({ kind, message }: { readonly kind: string; readonly message: string }): SparkFault {
    return new SparkFault(kind as SparkFaultKind, message);
  }
}
