import { describe, expect, it } from "vitest";
import { createGoogle } from "../../../app/google/google.server";
import { TASKS_ROW } from "../../support/readme-tasks/row";
import { aProviderKey } from "./google-keys";
import { json, networkError, type Play, scriptedHttp, text } from "./scripted-http";

const CLIENT = {
  clientId: "id",
  clientSecret: "secret",
  issuer: "https://accounts.google.com",
  apiOrigin: "https://www.googleapis.com",
};
const ELSEWHERE = { ...CLIENT, issuer: "https://id.example.com" };
const GRANTED = json({ access_token: "ya29.new", token_type: "Bearer", expires_in: 3600 });

function aGoogle(plays: Play[], client = CLIENT) {
  const http = scriptedHttp(...plays);
  return { google: createGoogle(http, client), calls: http.calls, clock: http.clock };
}

describe("createGoogle", () => {
  it("SF-01 SF-02 SF-14 exchanges a code with its verifier and the same redirect URI", async () => {
    const { google, calls } = aGoogle([GRANTED]);
    const redirectUri = "https://app.example.com/auth/google/callback";
    const answer = await google.exchangeCode({ code: "4/c", codeVerifier: "v", redirectUri });
    expect(answer.kind).toBe("granted");
    expect(calls.map(({ url, form }) => [url, form])).toEqual([
      [
        "https://oauth2.googleapis.com/token",
        {
          grant_type: "authorization_code",
          code: "4/c",
          code_verifier: "v",
          redirect_uri: redirectUri,
          client_id: "id",
          client_secret: "secret",
        },
      ],
    ]);
  });

  it("refreshes with nothing but the refresh token", async () => {
    const { google, calls } = aGoogle([GRANTED]);
    expect((await google.refreshTokens("1//r")).kind).toBe("granted");
    expect(calls.map((call) => call.form)).toEqual([
      {
        grant_type: "refresh_token",
        refresh_token: "1//r",
        client_id: "id",
        client_secret: "secret",
      },
    ]);
  });

  it("SF-18 SF-21 checks ID tokens with Google’s published keys, fetched once", async () => {
    const key = await aProviderKey("k1");
    const { google, calls, clock } = aGoogle([json({ keys: [key.jwk] })]);
    const iat = clock.now() / 1000;
    const claims = { iss: CLIENT.issuer, aud: "id", sub: "ada", iat, exp: iat + 3600, nonce: "n" };
    const idToken = await key.sign(claims);
    expect(await google.verifyIdToken(idToken, "at", "n")).toMatchObject({
      ok: true,
      claims: { sub: "ada" },
    });
    expect(await google.verifyIdToken(idToken, "at", "other")).toEqual({
      ok: false,
      flaw: "nonce",
    });
    expect(calls.map((call) => call.url)).toEqual(["https://www.googleapis.com/oauth2/v3/certs"]);
  });

  it.each([
    ["at its own host", CLIENT.apiOrigin, "https://tasks.googleapis.com/tasks/v1/lists"],
    [
      "at whoever answers for Google",
      "http://localhost:4400",
      "http://localhost:4400/tasks.googleapis.com/tasks/v1/lists",
    ],
  ])("DA-15 DA-17 calls an API of a feature %s", async (_where, apiOrigin, url) => {
    const http = scriptedHttp(json({}), json({}));
    const google = createGoogle(http, { ...CLIENT, apiOrigin }, Object.values(TASKS_ROW));
    const address = "https://tasks.googleapis.com/tasks/v1/lists";
    const scopes = [...TASKS_ROW.tasks.scopes];
    expect(await google.callApi({ accessToken: "at", scopes: [] }, { address })).toMatchObject({
      code: "scope_missing",
    });
    expect((await google.callApi({ accessToken: "at", scopes }, { address })).ok).toBe(true);
    expect(http.calls.map((call) => call.url)).toEqual([url]);
  });

  it("DA-15 calls no API but those of features", async () => {
    const { google, calls } = aGoogle([]);
    const address = "https://tasks.googleapis.com/tasks/v1/lists";
    const grant = { accessToken: "at", scopes: [...TASKS_ROW.tasks.scopes] };
    expect(await google.callApi(grant, { address })).toMatchObject({ code: "address_not_allowed" });
    expect(calls).toEqual([]);
  });

  it("reads the profile at Google’s userinfo endpoint", async () => {
    const { google, calls } = aGoogle([json({ sub: "ada" })]);
    expect((await google.fetchProfile("at", "ada")).status).toBe("ok");
    expect(calls.map((call) => call.url)).toEqual([
      "https://openidconnect.googleapis.com/v1/userinfo",
    ]);
  });

  it.each<[string, Play, string]>([
    ["can’t be reached", networkError("ECONNREFUSED"), "discovery_unavailable"],
    ["answers with an error", text("", 500), "discovery_unavailable"],
    ["names another issuer", json({ issuer: "https://evil" }), "discovery_invalid_metadata"],
  ])("SF-22 PF-01 sends no secret anywhere when an issuer %s", async (_what, play, cause) => {
    const { google, calls } = aGoogle([play], ELSEWHERE);
    const unavailable = { kind: "unavailable", cause, retry: false, lost: false };
    expect(await google.refreshTokens("1//r")).toMatchObject(unavailable);
    expect(
      await google.exchangeCode({ code: "4/c", codeVerifier: "v", redirectUri: "r" }),
    ).toMatchObject(unavailable);
    expect(await google.verifyIdToken("e.y.J", "at", "nonce")).toEqual({
      ok: false,
      flaw: "keys_unavailable",
    });
    expect(await google.fetchProfile("at", "ada")).toEqual({
      status: "unavailable",
      cause: "unreachable",
    });
    for (const call of calls) {
      expect(call.url).toBe("https://id.example.com/.well-known/openid-configuration");
      expect(call.form).toEqual({});
    }
  });
});
