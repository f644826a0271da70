import { z } from "zod";
import { endpointUrl } from "./endpoints.server";
import { exchange, type Http, jsonObject } from "./http.server";

export type SecurityEventSourceResult =
  | { ok: true; jwks: string }
  | { ok: false; error: "unavailable" };

/** Where the keys of an issuer’s security events are published. */
export type SecurityEventSource = () => Promise<SecurityEventSourceResult>;

const FRESH_MS = 3_600_000;
/** Anybody can post something here: a failure isn’t asked about again for each of them. */
const PAUSE_MS = 5000;

const configurationSchema = z.object({ issuer: z.string(), jwks_uri: endpointUrl });

/**
 * Reads the issuer’s `/.well-known/risc-configuration`, keeps it an hour, and goes on with what it
 * has while that is down. https://developers.google.com/identity/protocols/risc
 */
export function createSecurityEventSource(http: Http, issuer: string): SecurityEventSource {
  let known: { jwks: string; until: number } | null = null;
  let failedAt = Number.NEGATIVE_INFINITY;
  let flight: Promise<SecurityEventSourceResult> | null = null;

  async function load(): Promise<SecurityEventSourceResult> {
    const url = `${withoutSlash(issuer)}/.well-known/risc-configuration`;
    const answer = await exchange(http, { url });
    const jwks =
      answer.kind === "answer" && answer.status === 200 ? readJwks(answer.body, issuer) : null;
    if (jwks === null) failedAt = http.clock.now();
    else known = { jwks, until: http.clock.now() + FRESH_MS };
    return current();
  }

  function current(): SecurityEventSourceResult {
    return known ? { ok: true, jwks: known.jwks } : { ok: false, error: "unavailable" };
  }

  return async () => {
    const now = http.clock.now();
    if (known && now < known.until) return current();
    // Less than 0: the clock was set back.
    if (now >= failedAt && now - failedAt < PAUSE_MS) return current();
    flight ??= load().finally(() => {
      flight = null;
    });
    return flight;
  };
}

/** Google writes its issuer with a slash at the end here, and without one elsewhere. */
export function withoutSlash(issuer: string): string {
  return issuer.replace(/\/$/, "");
}

function readJwks(body: string, issuer: string): string | null {
  const result = configurationSchema.safeParse(jsonObject(body));
  if (!result.success) return null;
  return withoutSlash(result.data.issuer) === withoutSlash(issuer) ? result.data.jwks_uri : null;
}
