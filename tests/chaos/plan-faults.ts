import type { Seeded } from "./seeded";

/** What goes wrong, from `afterMs` in its episode for `forMs`. */
export interface Fault {
  kind: FaultKind;
  afterMs: number;
  forMs: number;
  /** Which of the servers, where it is one’s fault. */
  server: number;
  how: GoogleCut;
}

export const FAULT_KINDS = [
  "server killed",
  "both servers killed",
  "server stopped in order",
  "database stopped",
  "Google cut off",
  "disk stalls",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export const GOOGLE_CUTS = ["reset", "hang", "status"] as const;
export type GoogleCut = (typeof GOOGLE_CUTS)[number];

/**
 * One episode: a fault, and in two of three cases a second one that overlaps it. A calm follows, which is
 * no part of the plan: it lasts until all have what they had.
 *
 * @param first the kind that this episode has in any case.
 * @param tokenMs the life of an access token, which a cut from Google outlasts.
 */
export function planEpisode(first: FaultKind, tokenMs: number, draw: Seeded): Fault[] {
  const fault = (kind: FaultKind, afterMs: number): Fault => ({
    kind,
    afterMs,
    forMs: lastsMs(kind, tokenMs, draw),
    server: draw.between(0, 1),
    how: draw.pick(GOOGLE_CUTS),
  });
  const one = fault(first, 0);
  if (draw.fraction() < 1 / 3) return [one];
  const others = FAULT_KINDS.filter((kind) => !clashes(kind, first));
  const [second] = draw.shuffled(others);
  return second === undefined ? [one] : [one, fault(second, draw.between(200, one.forMs))];
}

/** A server can’t be killed while it isn’t there, nor a disk stall below a database that isn’t. */
function clashes(one: FaultKind, other: FaultKind): boolean {
  const of = (kind: FaultKind) =>
    /server/.test(kind) ? "servers" : /database|disk/.test(kind) ? "database" : "Google";
  return of(one) === of(other);
}

function lastsMs(kind: FaultKind, tokenMs: number, draw: Seeded): number {
  switch (kind) {
    case "Google cut off":
      return tokenMs + draw.between(1000, 4000);
    case "database stopped":
      return draw.between(2000, 8000);
    case "disk stalls":
      return draw.between(3000, 6000);
    default:
      return draw.between(200, 2500);
  }
}
