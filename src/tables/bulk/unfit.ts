/** Why a file does not go the fast way. The plain reader reads it instead, or says what is wrong with it. */
export class Unfit extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "Unfit";
  }
}
