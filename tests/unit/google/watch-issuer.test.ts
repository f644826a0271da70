import { describe, expect, it } from "vitest";
import { createEndpointSource } from "../../../app/google/endpoints.server";
import { watchIssuer } from "../../../app/google/watch-issuer.server";
import { settle } from "../../support/test-clock";
import { json, networkError, type Play, scriptedHttp, silence, text } from "./scripted-http";

const ISSUER = "https://id.example.com";
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/auth`,
  token_endpoint: `${ISSUER}/token`,
  userinfo_endpoint: `${ISSUER}/me`,
  jwks_uri: `${ISSUER}/jwks`,
};

function watching(issuer: string, ...plays: Play[]) {
  const http = scriptedHttp(...plays);
  const stop = new AbortController();
  const endpoints = createEndpointSource(http, issuer);
  const over = watchIssuer({ endpoints, clock: http.clock, log: http.log }, stop.signal);
  const said = () => http.log.lines.map(({ level, event, fields }) => [level, event, fields.cause]);
  return { ...http, stop, over, said };
}

describe("watchIssuer", () => {
  it("FC-9 asks nothing about Google’s own issuer", async () => {
    const { over, calls, said } = watching("https://accounts.google.com");
    await over;
    expect(calls).toEqual([]);
    expect(said()).toEqual([]);
  });

  it("FC-9 asks once, and says nothing, where all is well", async () => {
    const { over, calls, said } = watching(ISSUER, json(METADATA));
    await over;
    expect(calls.map(({ url }) => url)).toEqual([`${ISSUER}/.well-known/openid-configuration`]);
    expect(said()).toEqual([]);
  });

  it.each([
    ["another issuer", json({ ...METADATA, issuer: `${ISSUER}/` }), "discovery_invalid_metadata"],
    [
      "no token endpoint",
      json({ ...METADATA, token_endpoint: undefined }),
      "discovery_invalid_metadata",
    ],
    ["a page", text("<html>"), "discovery_invalid_metadata"],
    ["nothing", text("", 404), "discovery_unavailable"],
    ["no answer", networkError("ENOTFOUND"), "discovery_unavailable"],
  ])("FC-9 raises one alarm where there is %s", async (_, play, cause) => {
    const { clock, log, stop, over, said, calls } = watching(ISSUER, play);
    await clock.advance(3_600_000);
    expect(said()).toEqual([["error", "issuer_unusable", cause]]);
    expect(log.lines[0]?.fields.alarm).toBe(true);
    expect(calls.length).toBeGreaterThan(5);
    expect(calls.length).toBeLessThan(20);
    stop.abort();
    await over;
  });

  it("FC-9 goes on quietly until it is good, and says so then", async () => {
    const down = networkError("ECONNREFUSED");
    const { clock, over, said, calls } = watching(ISSUER, down, down, down, json(METADATA));
    await clock.advance(60_000);
    await over;
    expect(calls).toHaveLength(4);
    expect(said()).toEqual([
      ["error", "issuer_unusable", "discovery_unavailable"],
      ["info", "issuer_usable", undefined],
    ]);
  });

  it("FC-9 tells a new reason anew", async () => {
    const other = json({ ...METADATA, issuer: "https://other.example.com" });
    const { clock, stop, said } = watching(ISSUER, text("", 503), other);
    await clock.advance(20_000);
    stop.abort();
    expect(said().map(([, , cause]) => cause)).toEqual([
      "discovery_unavailable",
      "discovery_invalid_metadata",
    ]);
  });

  it("FC-9 lets a stop wait neither for an answer nor for the next look", async () => {
    for (const play of [silence, text("", 503)]) {
      const { stop, over } = watching(ISSUER, play);
      await settle();
      stop.abort();
      await over;
    }
  });
});
