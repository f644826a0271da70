/** One choice that a run has made: `value` of `below` possibilities, 0 up to `below - 1`. */
export interface Draw {
  name: string;
  below: number;
  value: number;
}

/**
 * Where a run’s choices come from. A run is its tape: whoever plays the same one has the same run.
 *
 * Each name has a lane, which is what stands before its first colon. What one lane draws moves no other:
 * a fault that is taken away while a failure is made smaller leaves whose turn it is as it was.
 */
export interface Tape {
  /** Chooses one of `below` possibilities; 0 is always the plain one: no fault, first come first served. */
  draw(name: string, below: number): number;
  readonly drawn: readonly Draw[];
}

/** Gives the next number of a lane, any natural number; what is asked for is what is left of it. */
export type Source = (lane: string) => number;

/** Another run than the one that was to be repeated: something in it isn’t on the tape. */
export class TapeMismatch extends Error {
  override readonly name = "TapeMismatch";
}

/**
 * @param expected the draws of the run that this one repeats. One that differs by name or number is an
 *   error, at the first place where the two part.
 */
export function createTape(source: Source, expected?: readonly Draw[]): Tape {
  const drawn: Draw[] = [];
  return {
    drawn,
    draw(name, below) {
      if (!Number.isInteger(below) || below < 1) throw new RangeError(`${name}: of ${below}`);
      const before = expected?.[drawn.length];
      if (expected && (before?.name !== name || before.below !== below)) {
        const was = before === undefined ? "nothing" : `${before.name} of ${before.below}`;
        throw new TapeMismatch(`draw ${drawn.length} is ${name} of ${below}, and was ${was}`);
      }
      // With one possibility there is nothing to choose, so nothing of the lane is used up.
      const value = before?.value ?? (below === 1 ? 0 : source(laneOf(name)) % below);
      drawn.push({ name, below, value });
      return value;
    },
  };
}

function laneOf(name: string): string {
  const colon = name.indexOf(":");
  return colon < 0 ? name : name.slice(0, colon);
}

/** Lanes of numbers, as fast-check makes and shrinks them. Where one ends, nothing but plain choices follow. */
export function numbersFrom(lanes: Readonly<Record<string, readonly number[]>>): Source {
  const used = new Map<string, number>();
  return (lane) => {
    const index = used.get(lane) ?? 0;
    used.set(lane, index + 1);
    return lanes[lane]?.[index] ?? 0;
  };
}

/** Numbers without end that follow from a seed alone, each lane by itself. */
export function numbersOf(seed: number): Source {
  const lanes = new Map<string, () => number>();
  return (lane) => {
    const next = lanes.get(lane) ?? generator(seed, lane);
    lanes.set(lane, next);
    return next();
  };
}

/** 32 bits at a time that follow from a seed and a name (mulberry32, after an FNV-1a of both). */
export function generator(seed: number, name: string): () => number {
  let state = 0x811c9dc5 ^ (seed >>> 0);
  for (const character of name) {
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
