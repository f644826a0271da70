import { describe, expect, it } from "vitest";
import { createEndpointSource, readMetadata } from "../../../app/google/endpoints.server";
import { json, networkError, scriptedHttp, silence, text } from "./scripted-http";

const ISSUER = "https://id.example.com";
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: "https://id.example.com/auth",
  token_endpoint: "https://token.example.com/token",
  userinfo_endpoint: "https://id.example.com/userinfo",
  jwks_uri: "https://id.example.com/jwks",
  revocation_endpoint: "https://id.example.com/revoke",
  authorization_response_iss_parameter_supported: true,
};
const HOUR = 3_600_000;

function read(changes: Record<string, unknown> = {}) {
  return readMetadata(JSON.stringify({ ...METADATA, ...changes }), ISSUER);
}

describe("readMetadata", () => {
  it("SF-22 takes the endpoints of the pinned issuer", () => {
    expect(read()).toEqual({
      ok: true,
      endpoints: {
        idTokenIssuers: [ISSUER],
        issuer: ISSUER,
        issRequired: true,
        authorization: METADATA.authorization_endpoint,
        token: METADATA.token_endpoint,
        userinfo: METADATA.userinfo_endpoint,
        jwks: METADATA.jwks_uri,
        revocation: METADATA.revocation_endpoint,
        tokenInfo: "https://token.example.com/tokeninfo",
      },
    });
  });

  it.each([
    "https://id.example.com/",
    "https://ID.example.com",
    "http://id.example.com",
    "https://id.example.com.evil.example",
    "id.example.com",
    "",
    null,
    undefined,
    ["https://id.example.com"],
  ])("SF-22 refuses metadata of the issuer %j", (issuer) => {
    expect(read({ issuer })).toEqual({ ok: false, error: "invalid_metadata" });
  });

  it.each([
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "revocation_endpoint",
  ])("SF-22 refuses a %s that isn’t https", (name) => {
    for (const value of ["http://id.example.com/x", "javascript:alert(1)", "/token", "", null, 1]) {
      expect(read({ [name]: value }), String(value)).toEqual({
        ok: false,
        error: "invalid_metadata",
      });
    }
  });

  it("SF-22 takes plain http on this machine, for the local Google", () => {
    expect(read({ token_endpoint: "http://127.0.0.1:4000/token" }).ok).toBe(true);
    expect(read({ token_endpoint: "http://localhost.example.com/token" }).ok).toBe(false);
  });

  it.each(["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"])(
    "SF-22 refuses metadata without %s",
    (name) => {
      expect(read({ [name]: undefined }).ok).toBe(false);
    },
  );

  it("takes the tokeninfo endpoint that is named, and no unsafe one", () => {
    const tokeninfo_endpoint = "https://id.example.com/info";
    expect(read({ tokeninfo_endpoint })).toMatchObject({
      endpoints: { tokenInfo: tokeninfo_endpoint },
    });
    expect(read({ tokeninfo_endpoint: "http://id.example.com/info" })).toEqual({
      ok: false,
      error: "invalid_metadata",
    });
  });

  it("does without a revocation endpoint", () => {
    expect(read({ revocation_endpoint: undefined })).toMatchObject({
      endpoints: { revocation: null },
    });
  });

  it.each([
    [true, true],
    [false, false],
    [undefined, false],
  ])("SF-09 asks callbacks for `iss` where metadata says %j", (supported, issRequired) => {
    const metadata = read({ authorization_response_iss_parameter_supported: supported });
    expect(metadata).toMatchObject({ endpoints: { issRequired } });
  });

  it.each(["", "<html>", "[]", "null"])("SF-22 refuses %j", (body) => {
    expect(readMetadata(body, ISSUER)).toEqual({ ok: false, error: "invalid_metadata" });
  });
});

describe("createEndpointSource", () => {
  it("SF-22 has Google’s endpoints built in, and asks nobody for them", async () => {
    const http = scriptedHttp(silence);
    expect(await createEndpointSource(http, "https://accounts.google.com")()).toEqual({
      ok: true,
      endpoints: {
        idTokenIssuers: ["https://accounts.google.com", "accounts.google.com"],
        issuer: "https://accounts.google.com",
        issRequired: false,
        authorization: "https://accounts.google.com/o/oauth2/v2/auth",
        token: "https://oauth2.googleapis.com/token",
        userinfo: "https://openidconnect.googleapis.com/v1/userinfo",
        jwks: "https://www.googleapis.com/oauth2/v3/certs",
        revocation: "https://oauth2.googleapis.com/revoke",
        tokenInfo: "https://oauth2.googleapis.com/tokeninfo",
      },
    });
    expect(http.calls).toEqual([]);
  });

  it.each([ISSUER, `${ISSUER}/`])("finds the metadata of %s", async (issuer) => {
    const http = scriptedHttp(json({ ...METADATA, issuer }));
    expect((await createEndpointSource(http, issuer)()).ok).toBe(true);
    expect(http.calls.map((call) => call.url)).toEqual([
      `${ISSUER}/.well-known/openid-configuration`,
    ]);
  });

  it("asks once for all who want to know, and again after an hour", async () => {
    const http = scriptedHttp(json(METADATA));
    const endpoints = createEndpointSource(http, ISSUER);
    await Promise.all([endpoints(), endpoints(), endpoints()]);
    await http.clock.advance(HOUR - 1);
    await endpoints();
    expect(http.calls).toHaveLength(1);
    await http.clock.advance(1);
    await endpoints();
    expect(http.calls).toHaveLength(2);
  });

  it("goes on with what it knows while the issuer is down", async () => {
    const http = scriptedHttp(json(METADATA), text("", 503), networkError("ECONNREFUSED"));
    const endpoints = createEndpointSource(http, ISSUER);
    const first = await endpoints();
    for (let hour = 0; hour < 3; hour++) {
      await http.clock.advance(HOUR);
      expect(await endpoints()).toEqual(first);
    }
    expect(http.calls).toHaveLength(4);
  });

  it("SF-22 doesn’t go on when the metadata names another issuer", async () => {
    const http = scriptedHttp(json(METADATA), json({ ...METADATA, issuer: "https://evil" }));
    const endpoints = createEndpointSource(http, ISSUER);
    await endpoints();
    await http.clock.advance(HOUR);
    expect(await endpoints()).toEqual({ ok: false, error: "invalid_metadata" });
  });

  it("PF-01 says so when the issuer can’t be reached, and asks again the next time", async () => {
    const http = scriptedHttp(networkError("ENOTFOUND"), json(METADATA));
    const endpoints = createEndpointSource(http, ISSUER);
    expect(await endpoints()).toEqual({ ok: false, error: "unavailable" });
    expect((await endpoints()).ok).toBe(true);
  });
});
