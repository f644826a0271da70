/**
 * How long one call of the store may hold a connection, transaction included, in ms. Changed once:
 * migrations may take longer than requests.
 */
export interface CallLimit {
  ms: number;
}

/** The moment, on the process’s monotonic timer, at which a call that starts now has to be over. */
export function deadlineOf(limit: CallLimit): number {
  return performance.now() + limit.ms;
}

/** What is left until then, in ms; 0 or less when it is over. */
export function timeLeft(deadline: number): number {
  return deadline - performance.now();
}
