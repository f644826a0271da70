import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  type JSONWebKeySet,
  jwtVerify,
} from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IdTokenFlaw } from "../../local-google/faults";
import { type LocalGoogle, startLocalGoogle } from "../../local-google/local-google";
import { REDIRECT_URI, RelyingParty, type TokenAnswer } from "./relying-party";

let google: LocalGoogle;
let app: RelyingParty;

beforeAll(async () => {
  google = await startLocalGoogle({ redirectUris: [REDIRECT_URI] });
  app = new RelyingParty(google);
});
afterAll(() => google.stop());

async function jwks() {
  return (await (await app.get("/oauth2/v3/certs")).json()) as JSONWebKeySet;
}

async function signInWith(flaw: IdTokenFlaw): Promise<TokenAnswer> {
  google.faults.set("token", { kind: "id-token", flaw }, { times: 1 });
  return app.signIn();
}

/** The signature alone, with no claim looked at but those that jose always does. */
async function verifies(idToken: string): Promise<boolean> {
  const keys = createLocalJWKSet(await jwks());
  const options = { algorithms: ["RS256"], clockTolerance: "10 years" };
  return jwtVerify(idToken, keys, options).then(
    () => true,
    () => false,
  );
}

describe("an ID token with a wrong claim is signed well", () => {
  const DAY = 86_400;
  const flaws: [IdTokenFlaw, (claims: Record<string, unknown>) => unknown, unknown][] = [
    ["wrong-iss", (c) => c.iss, "https://accounts.google.example"],
    ["short-iss", (c) => String(c.iss).startsWith("localhost:"), true],
    ["wrong-aud", (c) => c.aud === google.clientId, false],
    ["missing-aud", (c) => "aud" in c, false],
    ["wrong-azp", (c) => c.azp === google.clientId, false],
    ["expired", (c) => Number(c.exp) < Date.now() / 1000 - DAY / 2, true],
    ["missing-exp", (c) => "exp" in c, false],
    ["missing-iat", (c) => "iat" in c, false],
    ["future-iat", (c) => Number(c.iat) > Date.now() / 1000 + DAY / 2, true],
    ["too-long-lived", (c) => Number(c.exp) - Number(c.iat), 2 * DAY],
    ["missing-sub", (c) => "sub" in c, false],
    ["other-sub", (c) => c.sub, "199999999999999999999"],
    ["wrong-nonce", (c) => c.nonce === "the-nonce", false],
    ["missing-nonce", (c) => "nonce" in c, false],
    ["wrong-at-hash", (c) => c.at_hash, "AAAAAAAAAAAAAAAAAAAAAA"],
    ["email-verified-string", (c) => c.email_verified, "true"],
    ["email-unverified", (c) => c.email_verified, false],
  ];
  it.each(flaws)("%s", async (flaw, look, expected) => {
    const { id_token } = await signInWith(flaw);
    expect(look(decodeJwt(id_token))).toBe(expected);
    expect(await verifies(id_token)).toBe(true);
  });
});

describe("an ID token with a bad signature has the real claims", () => {
  const flaws: [IdTokenFlaw, string][] = [
    ["wrong-signature", "RS256"],
    ["alg-none", "none"],
    ["hs256", "HS256"],
    ["es256", "ES256"],
    ["jwk-header", "RS256"],
    ["unknown-kid", "RS256"],
  ];
  it.each(flaws)("%s", async (flaw, alg) => {
    const { id_token } = await signInWith(flaw);
    const header = decodeProtectedHeader(id_token);
    expect(decodeJwt(id_token)).toMatchObject({ iss: google.issuer, nonce: "the-nonce" });
    expect(header.alg).toBe(alg);
    expect(await verifies(id_token)).toBe(false);
    const known = (await jwks()).keys.map((key) => key.kid);
    expect(header.kid !== undefined && known.includes(header.kid)).toBe(
      !["alg-none", "unknown-kid"].includes(flaw),
    );
    expect("jwk" in header).toBe(flaw === "jwk-header");
  });

  it("no-kid is signed well, without naming the key", async () => {
    const { id_token } = await signInWith("no-kid");
    expect(decodeProtectedHeader(id_token)).toEqual({ alg: "RS256" });
    // Which of the published keys it is has to be tried.
    const tried = (await jwks()).keys.map((key) =>
      jwtVerify(id_token, createLocalJWKSet({ keys: [key] })).then(
        () => true,
        () => false,
      ),
    );
    expect((await Promise.all(tried)).filter(Boolean)).toHaveLength(1);
  });

  it("missing leaves it out", async () => {
    const tokens = await signInWith("missing");
    expect(tokens.id_token).toBeUndefined();
    expect(tokens.access_token).toBeDefined();
  });
});

it("may be wrong in a refresh answer too", async () => {
  const { refresh_token } = await app.signIn({ params: { prompt: "consent" } });
  google.faults.set("token", { kind: "id-token", flaw: "other-sub" }, { times: 1 });
  const { id_token } = await app.refreshed(refresh_token);
  expect(decodeJwt(id_token).sub).toBe("199999999999999999999");
});

it("rotates the signing key: the old one leaves the JWKS, new tokens verify", async () => {
  const before = await app.signIn();
  google.control.setJwksMaxAge(60);
  google.control.rotateKeys();
  const after = await app.signIn();
  expect((await jwks()).keys).toHaveLength(2);
  expect([await verifies(before.id_token), await verifies(after.id_token)]).toEqual([false, true]);
  const answer = await app.get("/oauth2/v3/certs");
  expect(answer.headers.get("cache-control")).toContain("max-age=60, must-revalidate");
});
