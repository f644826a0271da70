/** What both servers hold together, after a garbage collection. */
export interface Held {
  heapMb: number;
  residentMb: number;
  timers: number;
  handles: number;
  /** Of the database, through the pooler. */
  connections: number;
}

/** What may come and go between two looks at a crowd. */
const SLACK: Readonly<Held> = {
  heapMb: 6,
  residentMb: 40,
  timers: 40,
  handles: 40,
  connections: 5,
};
/** What may stay when the crowd is gone: pools, and what is remembered of people. */
const LEFT: Readonly<Pick<Held, "timers" | "handles">> = { timers: 12, handles: 12 };

/**
 * Whether what is held stays flat: the last third of the looks in the middle against the second third, and
 * what is left when the crowd is gone. The first third warms up.
 *
 * @returns a sentence for each that grew.
 */
export function judgeSoak(looks: { before: Held; during: readonly Held[]; after: Held }): string[] {
  const { before, during, after } = looks;
  const third = Math.floor(during.length / 3);
  if (third === 0) return ["too short to judge: there were fewer than three looks"];
  const names = Object.keys(SLACK) as (keyof Held)[];
  const grown = names.flatMap((name) => {
    const [from, to] = [during.slice(third, 2 * third), during.slice(-third)].map((part) =>
      median(part.map((held) => held[name])),
    );
    if (from === undefined || to === undefined || to - from <= SLACK[name]) return [];
    return [`${name} grew from ${from.toFixed(1)} to ${to.toFixed(1)}`];
  });
  const left = (["timers", "handles"] as const).flatMap((name) =>
    after[name] - before[name] <= LEFT[name]
      ? []
      : [`${name}: ${before[name]} before the crowd, ${after[name]} after it`],
  );
  return [...grown, ...left];
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
