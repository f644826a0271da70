import { FEATURES } from "./features";

const GOOGLE = "https://www.googleapis.com/auth";

/** Google answers with these long names, whichever was asked for. */
const LONG_NAMES: Readonly<Record<string, string>> = {
  email: `${GOOGLE}/userinfo.email`,
  profile: `${GOOGLE}/userinfo.profile`,
};

const BASIC = ["openid", `${GOOGLE}/userinfo.email`, `${GOOGLE}/userinfo.profile`];

/** Scopes a person may untick on the consent page, with what the page says about them. */
const CONSENTS = new Map(FEATURES.map(({ scope, consent }) => [scope, consent]));

export const KNOWN_SCOPES: readonly string[] = [
  ...BASIC,
  ...Object.keys(LONG_NAMES),
  ...CONSENTS.keys(),
];

const EMAIL_CLAIMS = ["email", "email_verified"];
const PROFILE_CLAIMS = ["name", "picture", "given_name", "family_name"];

export const CLAIMS_OF_SCOPES: Readonly<Record<string, readonly string[]>> = {
  // at_hash and azp are in Google’s ID tokens always; claims of an account decide if they are there.
  openid: ["sub", "azp", "at_hash", "hd"],
  email: EMAIL_CLAIMS,
  [`${GOOGLE}/userinfo.email`]: EMAIL_CLAIMS,
  profile: PROFILE_CLAIMS,
  [`${GOOGLE}/userinfo.profile`]: PROFILE_CLAIMS,
};

export function splitScope(scope: unknown): string[] {
  return typeof scope === "string" ? scope.split(" ").filter(Boolean) : [];
}

export function longNames(scopes: Iterable<string>): string[] {
  return [...new Set([...scopes].map((scope) => LONG_NAMES[scope] ?? scope))];
}

/** Both names of each scope: oidc-provider compares what was asked with what was granted by name. */
export function everyName(scopes: Iterable<string>): string[] {
  const long = new Set(longNames(scopes));
  const short = Object.entries(LONG_NAMES).filter(([, name]) => long.has(name));
  return [...long, ...short.map(([name]) => name)];
}

export function isFeature(scope: string): boolean {
  return CONSENTS.has(scope);
}

export function describeScope(scope: string): string {
  return CONSENTS.get(scope) ?? scope;
}
