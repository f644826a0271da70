/** What sign-in asks for, and nothing more (DA-05). */
export const SIGN_IN_SCOPES = ["openid", "email", "profile"] as const;

/** Google answers with other names than it was asked with. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["https://www.googleapis.com/auth/userinfo.email", "email"],
  ["https://www.googleapis.com/auth/userinfo.profile", "profile"],
]);

/**
 * What needs more than signing in, by the name that forms and `/api/session` use: the scopes it
 * needs, the origins of the APIs that it calls with them, and what for, in words a person would use.
 * The consent screen in Google’s console has to list the same scopes.
 */
export const FEATURES = {
  calendar: {
    scopes: ["https://www.googleapis.com/auth/calendar.events"],
    apis: ["https://www.googleapis.com"],
    purpose: "See your calendar’s events and add new ones",
    page: "/agenda",
  },
} as const satisfies Readonly<Record<string, FeatureNeeds>>;

export interface FeatureNeeds {
  scopes: readonly string[];
  /** Origins as browsers write them. A token is sent to these only (DA-15). */
  apis: readonly `https://${string}.googleapis.com`[];
  purpose: string;
  /** The page that asks for it, and says what came of that. */
  page: string;
}

export type Feature = keyof typeof FEATURES;

/** The same rows for whoever goes through them: there may be none. */
const ROWS: Readonly<Record<string, FeatureNeeds>> = FEATURES;

/** What a feature needs. */
export function needsOf(feature: Feature): FeatureNeeds {
  const needs = ROWS[feature];
  if (needs === undefined) throw new Error(`There is no feature ${String(feature)}.`);
  return needs;
}

export function isFeature(value: unknown): value is Feature {
  return typeof value === "string" && Object.hasOwn(FEATURES, value);
}

/** Whether an address of this app is a page that asks for more than signing in. */
export function isFeaturePage(path: string): boolean {
  return Object.values(ROWS).some(({ page }) => path.split("?")[0] === page);
}

/** What to ask Google for: the basics, and what `feature` needs. */
export function scopesFor(feature: Feature | null): string[] {
  return [...SIGN_IN_SCOPES, ...(feature === null ? [] : needsOf(feature).scopes)];
}

/** The scopes of a space-separated `scope` value, aliases normalised, each once, sorted. */
export function parseScopes(scope: string): string[] {
  const names = scope.split(" ").filter((name) => name !== "");
  return [...new Set(names.map((name) => ALIASES.get(name) ?? name))].sort();
}

/** Whether granted scopes are all that something needs. */
export function isAllowed(
  { scopes }: { scopes: readonly string[] },
  granted: readonly string[],
): boolean {
  return scopes.every((scope) => granted.includes(scope));
}

/** The features that granted scopes allow: those that have all they need. */
export function featuresOf(granted: readonly string[]): Feature[] {
  return Object.keys(ROWS)
    .filter(isFeature)
    .filter((feature) => isAllowed(needsOf(feature), granted));
}
