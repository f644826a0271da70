import { describe, expect, it } from "vitest";
import { createSigningKeys } from "../../../app/google/signing-keys.server";
import { json, networkError, type Play, scriptedHttp, silence, text } from "./scripted-http";

const URL = "https://id.example.com/jwks";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function aKey(kid: string, members: Record<string, unknown> = {}) {
  return { kty: "RSA", kid, use: "sig", alg: "RS256", n: "AQAB", e: "AQAB", ...members };
}

function keySet(kids: string[], cacheControl = "public, max-age=3600"): Play {
  return json({ keys: kids.map((kid) => aKey(kid)) }, 200, { "Cache-Control": cacheControl });
}

function keysOf(...plays: Play[]) {
  const http = scriptedHttp(...plays);
  const keys = createSigningKeys(http)(URL, "id_token");
  const kids = async (kid?: string) => {
    const found = await keys.candidates(kid);
    return found.ok ? found.keys.map((key) => key.kid) : found.error;
  };
  return { http, keys, kids, calls: http.calls, clock: http.clock };
}

describe("createSigningKeys", () => {
  it("SF-21 finds the key that a token names", async () => {
    const { kids, calls } = keysOf(keySet(["a", "b"]));
    expect(await kids("b")).toEqual(["b"]);
    expect(calls.map((call) => call.url)).toEqual([URL]);
  });

  it("SF-21 offers all keys to a token that names none", async () => {
    const { kids, calls } = keysOf(keySet(["a", "b"]));
    expect(await kids()).toEqual(["a", "b"]);
    expect(await kids()).toEqual(["a", "b"]);
    expect(calls).toHaveLength(1);
  });

  it.each([
    ["public, max-age=120", 2 * MINUTE],
    ["max-age=23474, must-revalidate", 23_474_000],
    ["MAX-AGE=120", 2 * MINUTE],
    ["s-maxage=60, max-age=120", 2 * MINUTE],
    ["no-store", HOUR],
    ["max-age=soon", HOUR],
    ["max-age=999999999", 24 * HOUR],
  ])("SF-21 keeps the keys as long as Cache-Control %j allows", async (cacheControl, fresh) => {
    const { kids, calls, clock } = keysOf(keySet(["a"], cacheControl));
    await kids("a");
    await clock.advance(fresh - 1);
    await kids("a");
    expect(calls).toHaveLength(1);
    await clock.advance(1);
    await kids("a");
    expect(calls).toHaveLength(2);
  });

  it("SF-21 looks once for a hundred unknown keys", async () => {
    const { kids, calls, clock } = keysOf(keySet(["a"]));
    await kids("a");
    await clock.advance(MINUTE);
    for (let unknown = 0; unknown < 100; unknown++) {
      expect(await kids(`unknown-${unknown}`)).toEqual([]);
    }
    expect(calls).toHaveLength(2);
  });

  it("SF-21 fetches once for many tokens that come before there are any keys", async () => {
    const { kids, calls } = keysOf(keySet(["a"]));
    const found = await Promise.all(Array.from({ length: 20 }, () => kids("a")));
    expect(found).toEqual(Array.from(found, () => ["a"]));
    expect(calls).toHaveLength(1);
  });

  it("SF-21 looks once for a hundred unknown keys at the same time", async () => {
    const { kids, calls, clock } = keysOf(keySet(["a"]));
    await kids("a");
    await clock.advance(MINUTE);
    await Promise.all(Array.from({ length: 100 }, (_, unknown) => kids(`unknown-${unknown}`)));
    expect(calls).toHaveLength(2);
  });

  it("SF-21 PF-13 finds a key that was rotated in just before", async () => {
    const { kids, calls, clock } = keysOf(keySet(["a"]), keySet(["b", "a"]));
    await kids("a");
    await clock.advance(MINUTE);
    expect(await kids("b")).toEqual(["b"]);
    expect(calls).toHaveLength(2);
  });

  it("SF-21 PF-17 finds it also after the clock was set back", async () => {
    const { kids, calls, clock } = keysOf(keySet(["a"]), keySet(["b", "a"]));
    await kids("a");
    clock.set(clock.now() - HOUR);
    expect(await kids("b")).toEqual(["b"]);
    expect(await kids("c")).toEqual([]);
    expect(calls).toHaveLength(2);
  });

  it("SF-21 looks again for a token that names no key, when all that are known were tried", async () => {
    const { keys, calls, clock } = keysOf(keySet(["a"]), keySet(["b", "a"]));
    const known = await keys.candidates(undefined);
    await clock.advance(MINUTE);
    const tried = known.ok ? known.keys : [];
    const more = await keys.candidates(undefined, tried);
    expect(more.ok && more.keys.map((key) => key.kid)).toContain("b");
    expect(calls).toHaveLength(2);
  });

  it("SF-21 PF-13 says nothing about an unknown key while it can’t look it up", async () => {
    const { kids, clock } = keysOf(keySet(["a"]), text("", 500), keySet(["b", "a"]));
    await kids("a");
    await clock.advance(MINUTE);
    expect(await kids("b")).toBe("unavailable");
    expect(await kids("c"), "without another call").toBe("unavailable");
    expect(await kids("a")).toEqual(["a"]);
    await clock.advance(MINUTE);
    expect(await kids("b")).toEqual(["b"]);
    expect(await kids("c")).toEqual([]);
  });

  it("SF-21 drops a key that was rotated out", async () => {
    const { kids, clock } = keysOf(keySet(["a"]), keySet(["b"]));
    await kids("a");
    await clock.advance(HOUR);
    expect(await kids("a")).toEqual([]);
  });

  it.each<[string, Play]>([
    ["an error", text("", 500)],
    ["no network", networkError("ECONNREFUSED")],
    ["an empty set", json({ keys: [] })],
    ["an HTML page", text("<html>")],
    ["a huge answer", text(`{"keys":[${" ".repeat(100_000)}]}`)],
    ["keys that aren’t a list", json({ keys: {} })],
  ])("SF-21 PF-13 goes on with the keys that it has after %s", async (_what, play) => {
    const { kids, calls, clock } = keysOf(keySet(["a"]), play);
    await kids("a");
    await clock.advance(HOUR);
    expect(await kids("a")).toEqual(["a"]);
    expect(await kids("a")).toEqual(["a"]);
    expect(calls, "asks no more than once a minute").toHaveLength(2);
    await clock.advance(MINUTE);
    expect(await kids("a")).toEqual(["a"]);
    expect(calls).toHaveLength(3);
  });

  it("SF-21 PF-13 fails closed when it never had any keys, and asks again", async () => {
    const { kids } = keysOf(text("", 500), json({ keys: [] }), keySet(["a"]));
    expect(await kids("a")).toBe("unavailable");
    expect(await kids("a")).toBe("unavailable");
    expect(await kids("a")).toEqual(["a"]);
  });

  it("PF-02 doesn’t wait for keys longer than five seconds", async () => {
    const { kids, clock } = keysOf(silence);
    const found = kids("a");
    await clock.advance(5000);
    expect(await found).toBe("unavailable");
  });

  it("SF-18 takes RSA keys for signatures only", async () => {
    const { kids } = keysOf(
      json({
        keys: [
          aKey("good"),
          aKey("without use and alg", { use: undefined, alg: undefined }),
          aKey("for encryption", { use: "enc" }),
          aKey("for PS256", { alg: "PS256" }),
          aKey("elliptic", { kty: "EC" }),
          aKey("symmetric", { kty: "oct", k: "AAAA" }),
          null,
          "key",
        ],
      }),
    );
    expect(await kids()).toEqual(["good", "without use and alg"]);
  });

  it("keeps the keys of each address apart", async () => {
    const http = scriptedHttp(keySet(["a"]), keySet(["b"]));
    const signingKeys = createSigningKeys(http);
    await signingKeys("https://one.example/jwks", "id_token").candidates("a");
    await signingKeys("https://two.example/jwks", "id_token").candidates("b");
    await signingKeys("https://one.example/jwks", "id_token").candidates("a");
    expect(http.calls.map((call) => call.url)).toEqual([
      "https://one.example/jwks",
      "https://two.example/jwks",
    ]);
  });
});
