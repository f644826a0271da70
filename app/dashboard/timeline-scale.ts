export type AccessLife = { renewedAt: number; dueAt: number; expiresAt: number };

export type AccessState = "fresh" | "due" | "expired";

/** Where in the token’s life a moment lies, in per cent, never outside of it. */
export function percentOfLife(moment: number, { renewedAt, expiresAt }: AccessLife): number {
  const life = expiresAt - renewedAt;
  if (!(life > 0)) return 100;
  const percent = Math.min(100, Math.max(0, ((moment - renewedAt) / life) * 100));
  return Math.round(percent * 100) / 100;
}

export function accessStateOf(now: number, { dueAt, expiresAt }: AccessLife): AccessState {
  if (now >= expiresAt) return "expired";
  return now >= dueAt ? "due" : "fresh";
}

/** How much of the track each renewal before the last takes, in per cent. */
const STEP = 5;

/**
 * Where on the track things lie, in per cent of its width: first a dot for each renewal before the
 * last, evenly spaced, since days may lie between two of them; then the token’s life, to scale.
 */
export function timelineScale(renewalsBefore: number): {
  dots: number[];
  /** The place of a moment in the token’s life, as `percentOfLife` tells it. */
  along(percent: number): number;
} {
  const past = renewalsBefore * STEP;
  return {
    dots: Array.from({ length: renewalsBefore }, (_, index) => index * STEP),
    along: (percent) => past + ((100 - past) * percent) / 100,
  };
}
