/**
 * When a release line of Node gets no more mends, by its major version. Odd ones live half a year.
 * https://github.com/nodejs/Release#release-schedule
 */
const ENDS_OF_LIFE: Readonly<Record<number, number>> = {
  20: Date.UTC(2026, 3, 30),
  21: Date.UTC(2024, 5, 1),
  22: Date.UTC(2027, 3, 30),
  23: Date.UTC(2025, 5, 1),
  24: Date.UTC(2028, 3, 30),
  25: Date.UTC(2026, 5, 1),
  26: Date.UTC(2029, 3, 30),
};
const DAY_MS = 86_400_000;

/**
 * Whether holes in this Node are no longer mended.
 *
 * @param version such as `20.19.0`. One that is newer than this table counts as living.
 * @param now ms since the epoch. The last day still counts as living.
 * @returns a sentence for whoever runs it; null while it lives.
 */
export function endOfLifeOfNode(version: string, now: number): string | null {
  const major = Number.parseInt(version, 10);
  const end = ENDS_OF_LIFE[major];
  if (end === undefined || now < end + DAY_MS) return null;
  const day = new Date(end).toISOString().slice(0, 10);
  return `Node ${major} is past its end of life (${day}): holes in it stay open. Use a newer release.`;
}
