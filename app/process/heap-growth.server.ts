import { setFlagsFromString } from "node:v8";

const NAME = "--heap-growing-percent";

/**
 * The V8 flag by which the heap at most doubles what is alive in it before garbage is collected (ADR 17);
 * null where Node was started with one. On a large machine V8 would let it grow fourfold.
 *
 * @param given what Node was started with.
 */
export function heapGrowthFlag(given: readonly string[]): string | null {
  const isGiven = given.some((flag) => flag.replaceAll("_", "-").startsWith(`${NAME}=`));
  return isGiven ? null : `${NAME}=100`;
}

/** Bounds the heap’s growth in this process, by whichever command it was started. */
export function boundHeapGrowth(): void {
  const flag = heapGrowthFlag(process.execArgv);
  if (flag !== null) setFlagsFromString(flag);
}
