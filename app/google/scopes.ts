/** What sign-in asks for, and nothing more (DA-05). */
export const SIGN_IN_SCOPES = ["openid", "email", "profile"] as const;

/** Google answers with other names than it was asked with. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["https://www.googleapis.com/auth/userinfo.email", "email"],
  ["https://www.googleapis.com/auth/userinfo.profile", "profile"],
]);

/** Features that need a scope of their own, by the name that forms and `/api/session` use. */
const FEATURES: Readonly<Record<string, string>> = {
  calendar: "https://www.googleapis.com/auth/calendar.events",
};

/** The scopes of a space-separated `scope` value, aliases normalised, each once, sorted. */
export function parseScopes(scope: string): string[] {
  const names = scope.split(" ").filter((name) => name !== "");
  return [...new Set(names.map((name) => ALIASES.get(name) ?? name))].sort();
}

/** The features that granted scopes allow. */
export function featuresOf(scopes: readonly string[]): string[] {
  return Object.entries(FEATURES)
    .filter(([, scope]) => scopes.includes(scope))
    .map(([feature]) => feature);
}
