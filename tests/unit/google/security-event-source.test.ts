import { describe, expect, it } from "vitest";
import { createSecurityEventSource } from "../../../app/google/security-event-source.server";
import { json, networkError, type Play, scriptedHttp, text } from "./scripted-http";

const GOOGLE = "https://accounts.google.com";
const JWKS = "https://www.googleapis.com/oauth2/v3/certs";
const CONFIGURATION = json({ issuer: `${GOOGLE}/`, jwks_uri: JWKS });
const FOUND = { ok: true, jwks: JWKS };
const UNAVAILABLE = { ok: false, error: "unavailable" };

function aSource(plays: Play[], issuer = GOOGLE) {
  const http = scriptedHttp(...plays);
  return { source: createSecurityEventSource(http, issuer), calls: http.calls, clock: http.clock };
}

describe("createSecurityEventSource", () => {
  it.each([
    [GOOGLE, "https://accounts.google.com/.well-known/risc-configuration"],
    ["http://localhost:4400/", "http://localhost:4400/.well-known/risc-configuration"],
  ])("SO-17 asks %s once an hour, with or without the slash at its end", async (issuer, url) => {
    const answer = json({ issuer: issuer.replace(/\/$/, ""), jwks_uri: JWKS });
    const { source, calls, clock } = aSource([answer], issuer);
    expect(await Promise.all([source(), source()])).toEqual([FOUND, FOUND]);
    await clock.advance(3_599_999);
    await source();
    expect(calls.map((call) => call.url)).toEqual([url]);
    await clock.advance(1);
    await source();
    expect(calls).toHaveLength(2);
  });

  it.each<[string, Play]>([
    ["another issuer", json({ issuer: "https://evil.example", jwks_uri: JWKS })],
    ["keys over http", json({ issuer: GOOGLE, jwks_uri: "http://www.googleapis.com/certs" })],
    ["no keys", json({ issuer: GOOGLE })],
    ["a page", text("<h1>Sorry</h1>")],
    ["404", json({ issuer: GOOGLE, jwks_uri: JWKS }, 404)],
    ["nothing", networkError("ECONNRESET")],
  ])(
    "SO-17 SO-18 takes nothing from an answer with %s, and asks again after 5 s",
    async (_, play) => {
      const { source, calls, clock } = aSource([play, CONFIGURATION]);
      expect(await source()).toEqual(UNAVAILABLE);
      await clock.advance(4999);
      expect(await source()).toEqual(UNAVAILABLE);
      expect(calls).toHaveLength(1);
      await clock.advance(1);
      expect(await source()).toEqual(FOUND);
    },
  );

  it("SO-18 goes on with what it has while the configuration can’t be had", async () => {
    const { source, clock } = aSource([CONFIGURATION, text("", 503)]);
    await source();
    await clock.advance(3_600_000);
    expect(await source()).toEqual(FOUND);
  });
});
