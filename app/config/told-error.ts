/** Breaks something off for a reason that is in the log already, or is none of an operator’s business. */
export class ToldError extends Error {
  override name = "ToldError";
}
