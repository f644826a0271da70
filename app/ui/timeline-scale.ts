export type AccessLife = { renewedAt: number; dueAt: number; expiresAt: number };

export type AccessState = "fresh" | "due" | "expired";

/** Where in the token's life a moment lies, in per cent, never outside of it. */
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
