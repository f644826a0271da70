/** How long a sign-in stands for the person’s presence. */
const CONFIRMED_MS = 3_600_000;
/** Machines' clocks differ. */
const CLOCK_TOLERANCE_MS = 300_000;

/**
 * Whether what concerns all of a person’s devices may be done now, or they go through Google first.
 *
 * A sign-in within the hour, and since Google last asked for a confirmation, is enough. It is weaker
 * than a re-authentication, which Google offers to no app ("Google does not support Google Account
 * reauth requests"): whoever sits at a browser that is signed in to Google can pass it, whoever only
 * copied a cookie can’t.
 *
 * @param stepUpRequiredAt what Google’s `account-credential-change-required` set, or null; in ms.
 */
export function decideConfirmation(
  { startedAt }: { startedAt: number },
  stepUpRequiredAt: number | null,
  now: number,
): "confirmed" | "needed" {
  const age = now - startedAt;
  // One that began in the future did so by a database’s clock that was wrong, and says nothing.
  const recent = age < CONFIRMED_MS && age > -CLOCK_TOLERANCE_MS;
  return recent && startedAt >= (stepUpRequiredAt ?? 0) ? "confirmed" : "needed";
}
