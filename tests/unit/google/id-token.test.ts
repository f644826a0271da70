import { createHash } from "node:crypto";
import { type JWK, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type IdTokenExpectation,
  type IdTokenResult,
  verifyIdToken,
} from "../../../app/google/id-token.server";
import type { SigningKeysResult } from "../../../app/google/signing-keys.server";
import { aProviderKey, type ProviderKey } from "./google-keys";

/** As JSON has them: anything may stand anywhere. */
type Claims = Record<string, unknown>;

const NOW = Date.UTC(2026, 0, 15, 12);
const NOW_S = NOW / 1000;
const HOUR_S = 3600;
const CLIENT_ID = "123.apps.googleusercontent.com";
const ACCESS_TOKEN = "ya29.access";
const SUB = "110169484474386276334";

const CLAIMS: Claims = {
  iss: "https://accounts.google.com",
  aud: CLIENT_ID,
  azp: CLIENT_ID,
  sub: SUB,
  iat: NOW_S,
  exp: NOW_S + HOUR_S,
  nonce: "the-nonce",
  at_hash: halfHash(ACCESS_TOKEN),
  name: "Ada Lovelace",
  email: "ada@example.com",
  email_verified: true,
  picture: "https://lh3.googleusercontent.com/a/ada",
  hd: "example.com",
};

const EXPECTED: IdTokenExpectation = {
  issuers: ["https://accounts.google.com", "accounts.google.com"],
  issuer: "https://accounts.google.com",
  clientId: CLIENT_ID,
  nonce: "the-nonce",
  accessToken: ACCESS_TOKEN,
  now: NOW,
};

let googleKey: ProviderKey;
let otherKey: ProviderKey;

beforeAll(async () => {
  [googleKey, otherKey] = await Promise.all([aProviderKey("google"), aProviderKey("other")]);
});

/** OpenID Connect Core 3.1.3.6, written a second time. */
function halfHash(accessToken: string): string {
  const hash = createHash("sha256").update(accessToken).digest("hex");
  return Buffer.from(hash.slice(0, 32), "hex").toString("base64url");
}

function publishing(...keys: ProviderKey[]) {
  return {
    async candidates(
      kid: string | undefined,
      tried: readonly JWK[] = [],
    ): Promise<SigningKeysResult> {
      const jwks = keys.map((key) => key.jwk).filter((jwk) => !tried.includes(jwk));
      return { ok: true, keys: jwks.filter((jwk) => kid === undefined || jwk.kid === kid) };
    },
  };
}

function verify(
  token: string,
  expected: Partial<IdTokenExpectation> = {},
  keys = publishing(googleKey, otherKey),
): Promise<IdTokenResult> {
  return verifyIdToken(token, keys, { ...EXPECTED, ...expected });
}

/** Google’s own token, with these claims changed; `undefined` leaves one out. */
async function verifyClaims(
  changes: Claims,
  expected: Partial<IdTokenExpectation> = {},
): Promise<string> {
  const result = await verify(await googleKey.sign({ ...CLAIMS, ...changes }), expected);
  return result.ok ? "ok" : result.flaw;
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

describe("verifyIdToken", () => {
  it("SF-18 SF-19 SF-20 tells who it is", async () => {
    expect(await verify(await googleKey.sign(CLAIMS))).toEqual({
      ok: true,
      claims: {
        issuer: "https://accounts.google.com",
        sub: SUB,
        name: "Ada Lovelace",
        email: "ada@example.com",
        picture: "https://lh3.googleusercontent.com/a/ada",
        hostedDomain: "example.com",
      },
    });
  });

  describe("the type in the header", () => {
    it.each(["JWT", "jwt"])("FB-10 may be %s, which says nothing more", async (typ) => {
      expect(await verify(await googleKey.sign(CLAIMS, { typ }))).toMatchObject({ ok: true });
    });

    it.each([
      "secevent+jwt",
      "at+jwt",
      "application/secevent+jwt",
      "logout+jwt",
      "JWS",
      "",
      1,
      null,
    ])("FB-10 makes it another kind of token: %j (RFC 8725 3.11)", async (typ) => {
      const token = await googleKey.sign(CLAIMS, { typ });
      expect(await verify(token)).toEqual({ ok: false, flaw: "type" });
    });
  });

  describe("the signature", () => {
    it("SF-18 refuses a token that was signed with another key", async () => {
      const forged = await otherKey.sign(CLAIMS, { kid: "google" });
      expect(await verify(forged)).toEqual({ ok: false, flaw: "signature" });
    });

    it("SF-18 refuses a token with changed claims", async () => {
      const [header, , signature] = (await googleKey.sign(CLAIMS)).split(".");
      const forged = `${header}.${encoded({ ...CLAIMS, sub: "1" })}.${signature}`;
      expect(await verify(forged)).toEqual({ ok: false, flaw: "signature" });
    });

    it("SF-18 refuses alg none, in any spelling", async () => {
      for (const alg of ["none", "None", "NONE", ""]) {
        for (const signature of ["", "AAAA"]) {
          const forged = `${encoded({ alg, kid: "google" })}.${encoded(CLAIMS)}.${signature}`;
          expect(await verify(forged), alg).toEqual({ ok: false, flaw: "algorithm" });
        }
      }
    });

    it("SF-18 refuses HS256 with the public key as its secret", async () => {
      const secret = new TextEncoder().encode(JSON.stringify(googleKey.jwk));
      const forged = await new SignJWT(CLAIMS)
        .setProtectedHeader({ alg: "HS256", kid: "google" })
        .sign(secret);
      expect(await verify(forged)).toEqual({ ok: false, flaw: "algorithm" });
    });

    it.each(["ES256", "PS256", "RS512", "EdDSA"])(
      "SF-18 refuses %s, although its key is published",
      async (alg) => {
        const isRsa = alg.startsWith("PS") || alg.startsWith("RS");
        const key = await (isRsa ? otherKey.as(alg) : aProviderKey("other", alg));
        const result = await verify(await key.sign(CLAIMS), {}, publishing(googleKey, key));
        expect(result).toEqual({ ok: false, flaw: "algorithm" });
      },
    );

    it.each(["jku", "jwk", "x5u", "x5c", "crit"])(
      "SF-18 refuses a token whose header has %s",
      async (name) => {
        const values: Record<string, unknown> = {
          jku: "https://evil.example/jwks",
          jwk: otherKey.jwk,
          x5u: "https://evil.example/cert",
          x5c: ["AAAA"],
        };
        const [header = "", ...rest] = (await googleKey.sign(CLAIMS)).split(".");
        const members: unknown = JSON.parse(Buffer.from(header, "base64url").toString());
        const changed = encoded({ ...Object(members), [name]: values[name] ?? ["exp"] });
        const token = [changed, ...rest].join(".");
        expect(await verify(token)).toEqual({ ok: false, flaw: "header" });
      },
    );

    it("SF-21 finds the right one of several keys for a token that names none", async () => {
      const token = await otherKey.sign(CLAIMS, { kid: undefined });
      expect((await verify(token)).ok).toBe(true);
      expect((await verify(token, {}, publishing(otherKey))).ok).toBe(true);
      expect(await verify(token, {}, publishing(googleKey))).toEqual({
        ok: false,
        flaw: "signature",
      });
    });

    it("SF-21 finds a key that was published since, for a token that names none", async () => {
      const token = await otherKey.sign(CLAIMS, { kid: undefined });
      const candidates = async (_kid: string | undefined, tried: readonly JWK[] = []) => {
        const key = tried.length === 0 ? googleKey : otherKey;
        return { ok: true as const, keys: [key.jwk] };
      };
      expect((await verify(token, {}, { candidates })).ok).toBe(true);
    });

    it.each([
      ["too short", { n: "AQAB" }],
      ["not one at all", { n: "", e: "" }],
    ])("SF-21 passes over a published key that is %s", async (_what, members) => {
      const useless = { ...googleKey, jwk: { ...googleKey.jwk, ...members, kid: "useless" } };
      const token = await otherKey.sign(CLAIMS, { kid: undefined });
      expect((await verify(token, {}, publishing(useless, otherKey))).ok).toBe(true);
    });

    it("SF-21 refuses a token whose key isn’t published", async () => {
      const token = await otherKey.sign(CLAIMS);
      expect(await verify(token, {}, publishing(googleKey))).toEqual({
        ok: false,
        flaw: "signature",
      });
    });

    it("SF-21 tells keys that can’t be had from a bad signature", async () => {
      const candidates = async (): Promise<SigningKeysResult> => ({
        ok: false,
        error: "unavailable",
      });
      const result = await verify(await googleKey.sign(CLAIMS), {}, { candidates });
      expect(result).toEqual({ ok: false, flaw: "keys_unavailable" });
    });

    it.each(["", "x", "a.b", "a.b.c", "a.b.c.d", "{}", "....", "\u0000"])(
      "SF-18 refuses %j without throwing",
      async (token) => {
        expect(await verify(token)).toEqual({ ok: false, flaw: "malformed" });
      },
    );

    it("SF-18 refuses a signed text that is no object", async () => {
      const header = encoded({ alg: "RS256", kid: "google" });
      expect((await verify(`${header}.${encoded("text")}.AAAA`)).ok).toBe(false);
    });
  });

  describe("iss", () => {
    it("SF-19 SF-23 may be either of Google’s two names, and becomes one", async () => {
      const result = await verify(await googleKey.sign({ ...CLAIMS, iss: "accounts.google.com" }));
      expect(result).toMatchObject({
        ok: true,
        claims: { issuer: "https://accounts.google.com" },
      });
    });

    it.each([
      "https://accounts.google.com/",
      "http://accounts.google.com",
      "https://ACCOUNTS.google.com",
      "https://accounts.google.com.evil.example",
      "",
      undefined,
    ])("SF-19 TR-15 can’t be %j", async (iss) => {
      expect(await verifyClaims({ iss })).toBe("issuer");
    });
  });

  describe("aud and azp", () => {
    it.each<[string, Claims, string]>([
      ["another client", { aud: "evil" }, "audience"],
      ["nobody", { aud: undefined }, "audience"],
      ["an empty list", { aud: [] }, "audience"],
      ["us in a list", { aud: [CLIENT_ID] }, "ok"],
      ["us and another, for us", { aud: [CLIENT_ID, "other"] }, "ok"],
      ["us and another, for nobody", { aud: [CLIENT_ID, "o"], azp: undefined }, "authorized_party"],
      ["us, for another client", { azp: "other" }, "authorized_party"],
      ["us, for an empty one", { azp: "" }, "authorized_party"],
      ["us, for nobody in particular", { azp: undefined }, "ok"],
    ])("SF-19 judges a token for %s", async (_whom, changes, verdict) => {
      expect(await verifyClaims(changes)).toBe(verdict);
    });
  });

  describe("exp and iat", () => {
    it.each<[string, Claims, string]>([
      ["ended 299 s ago", { iat: NOW_S - HOUR_S, exp: NOW_S - 299 }, "ok"],
      ["ended 300 s ago", { iat: NOW_S - HOUR_S, exp: NOW_S - 300 }, "times"],
      ["has no end", { exp: undefined }, "times"],
      ["was issued in 300 s", { iat: NOW_S + 300 }, "ok"],
      ["was issued in 301 s", { iat: NOW_S + 301 }, "times"],
      ["was never issued", { iat: undefined }, "times"],
      ["lives 24 h", { exp: NOW_S + 24 * HOUR_S }, "ok"],
      ["lives longer", { exp: NOW_S + 24 * HOUR_S + 1 }, "times"],
      ["isn’t valid for another 301 s", { nbf: NOW_S + 301 }, "times"],
    ])("SF-20 judges a token that %s", async (_what, changes, verdict) => {
      expect(await verifyClaims(changes)).toBe(verdict);
    });

    it.each([
      ["exp", "1768482000"],
      ["iat", "1768478400"],
      ["exp", null],
    ])("SF-20 refuses %s = %j, which is no number", async (name, value) => {
      expect(await verifyClaims({ [name]: value })).toBe("times");
    });
  });

  describe("sub", () => {
    it.each([undefined, "", "a b", "ä", "s".repeat(256), "a\n"])(
      "SF-20 can’t be %j",
      async (sub) => {
        expect(await verifyClaims({ sub })).toBe("subject");
      },
    );

    it("SF-20 may be 255 characters long", async () => {
      expect(await verifyClaims({ sub: "s".repeat(255) })).toBe("ok");
    });
  });

  describe("nonce", () => {
    it.each(["another", "", undefined])("SF-04 can’t be %j at sign-in", async (nonce) => {
      expect(await verifyClaims({ nonce })).toBe("nonce");
    });

    it("TR-15 doesn’t matter at a refresh, which sends none", async () => {
      expect(await verifyClaims({ nonce: undefined }, { nonce: null })).toBe("ok");
    });
  });

  describe("at_hash", () => {
    it("belongs to the access token that came along", async () => {
      expect(await verifyClaims({}, { accessToken: "another" })).toBe("access_token_hash");
      expect(await verifyClaims({ at_hash: "" })).toBe("access_token_hash");
    });

    it("may be missing", async () => {
      expect(await verifyClaims({ at_hash: undefined })).toBe("ok");
    });
  });

  describe("what is told about the person", () => {
    it.each(["true", 1, "1", false, null, undefined])(
      "SF-24 leaves the address out where email_verified is %j",
      async (email_verified) => {
        const result = await verify(await googleKey.sign({ ...CLAIMS, email_verified }));
        expect(result).toMatchObject({ ok: true, claims: { email: null } });
      },
    );

    it("leaves out what is no text", async () => {
      const changes = { name: 1, picture: "", hd: ["example.com"], email: null };
      const result = await verify(await googleKey.sign({ ...CLAIMS, ...changes }));
      expect(result).toMatchObject({
        claims: { name: null, picture: null, hostedDomain: null, email: null },
      });
    });
  });
});
