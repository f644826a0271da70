import { SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { verifyIdToken } from "../../../app/google/id-token.server";
import {
  type SecurityEventExpectation,
  verifySecurityEvent,
} from "../../../app/google/security-event.server";
import type { SigningKeys } from "../../../app/google/signing-keys.server";
import { aProviderKey, type ProviderKey } from "./google-keys";

type Claims = Record<string, unknown>;

const NOW = Date.UTC(2026, 0, 15, 12);
const NOW_S = NOW / 1000;
const CLIENT_ID = "123.apps.googleusercontent.com";
const JWKS = "https://www.googleapis.com/oauth2/v3/certs";
const TYPE = "https://schemas.openid.net/secevent/risc/event-type/sessions-revoked";
const SUBJECT = { subject_type: "iss-sub", iss: "https://accounts.google.com/", sub: "ada" };

/** As in Google’s documentation. */
const CLAIMS: Claims = {
  iss: "https://accounts.google.com/",
  aud: CLIENT_ID,
  iat: NOW_S,
  jti: "756E69717565206964656E746966696572",
  events: { [TYPE]: { subject: SUBJECT } },
};

const ID_TOKEN: Claims = {
  iss: "https://accounts.google.com",
  aud: CLIENT_ID,
  sub: "ada",
  iat: NOW_S,
  exp: NOW_S + 3600,
  jti: "1",
  nonce: "n",
};

let googleKey: ProviderKey;
let otherKey: ProviderKey;
let keys: SigningKeys;

beforeAll(async () => {
  [googleKey, otherKey] = await Promise.all([aProviderKey("google"), aProviderKey("other")]);
  keys = publishing(googleKey);
});

function publishing(...published: ProviderKey[]): SigningKeys {
  const jwks = published.map((key) => key.jwk);
  return {
    async candidates(kid) {
      return { ok: true, keys: jwks.filter((jwk) => kid === undefined || jwk.kid === kid) };
    },
  };
}

function verify(token: string, expected: Partial<SecurityEventExpectation> = {}) {
  return verifySecurityEvent(token, {
    source: async () => ({ ok: true, jwks: JWKS }),
    keysAt: () => keys,
    issuer: "https://accounts.google.com",
    clientId: CLIENT_ID,
    now: NOW,
    ...expected,
  });
}

/** What is said to a token: "ok", or the error’s code. */
async function verdict(token: string, expected: Partial<SecurityEventExpectation> = {}) {
  const result = await verify(token, expected);
  return result.ok ? "ok" : result.error;
}

const verdictOn = async (changes: Claims) =>
  verdict(await googleKey.sign({ ...CLAIMS, ...changes }));

describe("verifySecurityEvent", () => {
  it("SO-17 tells what a good token says, by the keys that the configuration names", async () => {
    const asked: string[] = [];
    const result = await verify(await googleKey.sign(CLAIMS), {
      keysAt: (url) => {
        asked.push(url);
        return keys;
      },
    });
    expect(result).toEqual({
      ok: true,
      event: { jti: CLAIMS.jti, issuedAt: NOW, events: new Map([[TYPE, { subject: SUBJECT }]]) },
    });
    expect(asked).toEqual([JWKS]);
  });

  it.each<[string, Claims, string]>([
    ["whose issuer has no slash at its end", { iss: "https://accounts.google.com" }, "ok"],
    ["of another issuer", { iss: "https://accounts.google.example/" }, "invalid_issuer"],
    ["of an issuer with two slashes", { iss: "https://accounts.google.com//" }, "invalid_issuer"],
    ["of no issuer", { iss: undefined }, "invalid_issuer"],
    ["for another client", { aud: "evil" }, "invalid_audience"],
    ["for nobody", { aud: undefined }, "invalid_audience"],
    ["for an empty list", { aud: [] }, "invalid_audience"],
    ["for us among others", { aud: ["other", CLIENT_ID] }, "ok"],
    ["that has expired", { exp: NOW_S - 86_400 }, "ok"],
    ["of last month", { iat: NOW_S - 30 * 86_400 }, "ok"],
    ["issued in 300 s", { iat: NOW_S + 300 }, "ok"],
    ["issued in 301 s", { iat: NOW_S + 301 }, "invalid_request"],
    ["never issued", { iat: undefined }, "invalid_request"],
    ["issued at a text", { iat: String(NOW_S) }, "invalid_request"],
    ["issued before time began", { iat: -1 }, "invalid_request"],
    ["without jti", { jti: undefined }, "invalid_request"],
    ["with an empty jti", { jti: "" }, "invalid_request"],
    ["with a number for jti", { jti: 1 }, "invalid_request"],
    ["without events", { events: undefined }, "invalid_request"],
    ["with no event", { events: {} }, "invalid_request"],
    ["with a list of events", { events: [TYPE] }, "invalid_request"],
    ["with null for events", { events: null }, "invalid_request"],
    ["with a text for events", { events: TYPE }, "invalid_request"],
    ["with an event that is no object", { events: { [TYPE]: true } }, "invalid_request"],
  ])("SO-17 judges a token %s", async (_what, changes, expected) => {
    expect(await verdictOn(changes)).toBe(expected);
  });

  it.each(["secevent+jwt", "SecEvent+JWT", "application/secevent+jwt", "JWT", undefined])(
    "SO-17 takes the typ %j",
    async (typ) => {
      expect(await verdict(await googleKey.sign(CLAIMS, { typ }))).toBe("ok");
    },
  );

  it.each(["at+jwt", "logout+jwt", ""])("SO-17 SO-19 refuses the typ %j", async (typ) => {
    expect(await verdict(await googleKey.sign(CLAIMS, { typ }))).toBe("invalid_request");
  });

  it.each(["ES256", "PS256", "RS512"])(
    "SO-17 refuses %s, although its key is published",
    async (alg) => {
      const key = alg === "ES256" ? await aProviderKey("google", alg) : await googleKey.as(alg);
      const token = await key.sign(CLAIMS);
      expect(await verdict(token, { keysAt: () => publishing(key) })).toBe("invalid_key");
    },
  );

  it("SO-17 refuses a token that is signed with the public key as a secret, or not at all", async () => {
    const secret = new TextEncoder().encode(JSON.stringify(googleKey.jwk));
    const forged = await new SignJWT(CLAIMS)
      .setProtectedHeader({ alg: "HS256", kid: "google" })
      .sign(secret);
    expect(await verdict(forged)).toBe("invalid_key");
    const unsigned = `${encoded({ alg: "none", kid: "google" })}.${encoded(CLAIMS)}.`;
    expect(await verdict(unsigned)).toBe("invalid_key");
  });

  it("SO-17 refuses a key that isn’t published or isn’t named, and a signature of another’s", async () => {
    expect(await verdict(await otherKey.sign(CLAIMS))).toBe("invalid_key");
    expect(await verdict(await googleKey.sign(CLAIMS, { kid: undefined }))).toBe("invalid_key");
    const pretended = await otherKey.sign(CLAIMS, { kid: "google" });
    expect(await verdict(pretended)).toBe("authentication_failed");
  });

  it.each(["jku", "jwk", "x5u", "x5c", "crit"])("SO-17 refuses a header with %s", async (name) => {
    const [, ...rest] = (await googleKey.sign(CLAIMS)).split(".");
    const header = encoded({ alg: "RS256", kid: "google", [name]: ["exp"] });
    expect(await verdict([header, ...rest].join("."))).toBe("invalid_key");
  });

  it.each(["", "x", "a.b", "a.b.c", "{}", "....", "\u0000"])(
    "SO-17 refuses %j without asking anybody",
    async (token) => {
      const source = () => Promise.reject(new Error("asked"));
      expect(await verdict(token, { source })).toBe("invalid_request");
    },
  );

  it("SO-18 says so when the configuration or the keys can’t be had", async () => {
    const token = await googleKey.sign(CLAIMS);
    const nothing = async () => ({ ok: false, error: "unavailable" }) as const;
    expect(await verdict(token, { source: nothing })).toBe("unavailable");
    expect(await verdict(token, { keysAt: () => ({ candidates: nothing }) })).toBe("unavailable");
  });

  it("SO-19 refuses an ID token, whose signature, issuer and audience are all good", async () => {
    for (const typ of [undefined, "JWT"]) {
      const idToken = await googleKey.sign(ID_TOKEN, { typ });
      expect(await verdict(idToken)).toBe("invalid_request");
    }
  });

  it("SO-19 isn’t taken for an ID token, at sign-in or in a refresh", async () => {
    const expected = {
      issuers: ["https://accounts.google.com", "https://accounts.google.com/"],
      issuer: "https://accounts.google.com",
      clientId: CLIENT_ID,
      accessToken: "at",
      now: NOW,
    };
    const event = await googleKey.sign(CLAIMS);
    for (const nonce of ["n", null]) {
      expect((await verifyIdToken(event, keys, { ...expected, nonce })).ok).toBe(false);
    }
    const dressedUp = await googleKey.sign({ ...CLAIMS, sub: "ada", exp: NOW_S + 3600 });
    expect(await verifyIdToken(dressedUp, keys, { ...expected, nonce: "n" })).toEqual({
      ok: false,
      flaw: "nonce",
    });
    expect(
      (await verifyIdToken(await googleKey.sign(ID_TOKEN), keys, { ...expected, nonce: "n" })).ok,
    ).toBe(true);
  });
});

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
