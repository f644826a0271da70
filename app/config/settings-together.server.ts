import { isIP } from "node:net";
import { GOOGLE_ISSUER, isLoopback } from "./origin-setting.server";
import { parseUrl } from "./parse-url";

type Values = Readonly<Record<string, string | undefined>>;

/**
 * Settings that are fine one by one, and can’t work together.
 *
 * @param given those that are set and fine, trimmed.
 * @param issuer as it is set, fine or not.
 * @returns a line each, which begins with a variable’s name.
 */
export function contradictions(given: Values, issuer: string | undefined): string[] {
  return [
    ...swappedCredentials(given),
    // With another issuer these may be as they like.
    ...((issuer ?? GOOGLE_ISSUER) === GOOGLE_ISSUER ? whatGoogleNeverHas(given) : []),
    ...loops(given),
    ...reusedSecrets(given),
  ];
}

function swappedCredentials({ GOOGLE_CLIENT_ID: id, GOOGLE_CLIENT_SECRET: secret }: Values) {
  const ending = ".apps.googleusercontent.com";
  return id?.startsWith("GOCSPX-") || secret?.endsWith(ending)
    ? [`GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET look swapped: an id ends in ${ending}`]
    : [];
}

function whatGoogleNeverHas(given: Values): string[] {
  const problems: string[] = [];
  const host = urlOf(given.APP_ORIGIN)?.hostname ?? "";
  if (isIP(host.replace(/^\[|\]$/g, "")) !== 0 && !isLoopback(host)) {
    problems.push("APP_ORIGIN must be a name: Google leads nobody back to an IP address");
  }
  const personal = (given.ALLOWED_HOSTED_DOMAINS ?? "").match(/\b(gmail|googlemail)\.com\b/i);
  if (personal) {
    problems.push(
      `ALLOWED_HOSTED_DOMAINS must list Workspace domains: accounts of ${personal[0]} belong to none`,
    );
  }
  return problems;
}

/** The app would ask itself, as another: at its public origin, or at the port where it listens. */
function loops(given: Values): string[] {
  const { APP_ORIGIN, HOST, PORT = "3000" } = given;
  const listensEverywhere = HOST === undefined || HOST === "0.0.0.0" || HOST === "::";
  return ["BACKEND_ORIGIN", "GOOGLE_ISSUER", "GOOGLE_API_ORIGIN"]
    .filter((name) => {
      const url = urlOf(given[name]);
      if (url === null) return false;
      const here = isLoopback(url.hostname) && listensEverywhere && url.port === PORT;
      return here || url.origin === urlOf(APP_ORIGIN)?.origin;
    })
    .map((name) => `${name} must not be this app itself, by APP_ORIGIN or PORT`);
}

/** One value for two purposes: whoever is told the one has the other (SC-06). */
function reusedSecrets(given: Values): string[] {
  const secrets = (given.SESSION_SECRET ?? "").split(",").map((secret) => secret.trim());
  return ["GOOGLE_CLIENT_SECRET", "METRICS_TOKEN"]
    .filter((name) => given[name] !== undefined && secrets.includes(given[name]))
    .map((name) => `SESSION_SECRET has the same value as ${name}; each secret is for one purpose`);
}

function urlOf(text: string | undefined): URL | null {
  return text === undefined ? null : parseUrl(text);
}
