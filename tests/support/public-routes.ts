/** Routes that anybody may ask for; everything else has to guard itself. */
export const PUBLIC_ROUTES: ReadonlySet<string> = new Set([
  "root",
  "routes/_index",
  "routes/$",
  "routes/login",
  "routes/logout",
  "routes/auth.google",
  "routes/auth.google_.callback",
  // Speaks to Google, whose signature is its guard.
  "routes/auth.google_.events",
  // Knows people by a bearer token, not by a session.
  "routes/api.me",
  "routes/api.session",
  "routes/healthz",
  "routes/readyz",
]);
