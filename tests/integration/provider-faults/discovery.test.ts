import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Fault } from "../../local-google/faults";
import { startTestApp } from "../../support/test-app";
import { locationOf } from "../../support/visitor";
import { type FaultWorld, startFaultWorld } from "./fault-world";
import { GAP, setCookieNames } from "./play-fault";

const DISCOVERY = "/.well-known/openid-configuration";

let world: FaultWorld;
beforeAll(async () => {
  world = await startFaultWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.reset());

/** A process that has asked nobody yet. */
const started = () => startTestApp({ beside: world.app, fetch: world.network.fetch });

/** Metadata, as Google would have to be unwell to publish. */
const publishing = (merge: Record<string, unknown>): Fault => ({ kind: "merge", merge });

describe("a process that starts while", () => {
  it.each<[string, (world: FaultWorld) => void, string, string]>([
    [
      "Google’s address refuses connections",
      ({ network, closedAddress }) => network.divert(DISCOVERY, closedAddress),
      "google_unavailable",
      "discovery_unavailable",
    ],
    [
      "Google answers with 503",
      ({ app }) => app.google.faults.set("discovery", { kind: "status", status: 503 }),
      "google_unavailable",
      "discovery_unavailable",
    ],
    [
      "Google doesn’t answer",
      ({ app }) => app.google.faults.set("discovery", { kind: "hang" }),
      "google_unavailable",
      "discovery_unavailable",
    ],
    [
      "the metadata is another issuer’s (OIDF discovery-issuer-mismatch)",
      ({ app }) =>
        app.google.faults.set(
          "discovery",
          publishing({ issuer: "https://accounts.google.example" }),
        ),
      "misconfigured",
      "discovery_invalid_metadata",
    ],
    [
      "the metadata names an endpoint without TLS",
      ({ app }) =>
        app.google.faults.set("discovery", publishing({ token_endpoint: "http://evil.example/" })),
      "misconfigured",
      "discovery_invalid_metadata",
    ],
    [
      "the metadata names no keys (OIDF discovery-jwks-uri-keys)",
      ({ app }) => app.google.faults.set("discovery", publishing({ jwks_uri: null })),
      "misconfigured",
      "discovery_invalid_metadata",
    ],
  ])(
    "PF-01 SF-22 %s: no sign-in begins, no session ends, and all heals",
    async (_, begin, error, cause) => {
      const there = await world.signedIn();
      const cold = await started();
      await cold.clock.advance(3_600_000);
      begin(world);

      const newcomer = cold.visitor();
      const { answer } = await world.inTime(newcomer.post("/auth/google"));
      expect(locationOf(answer)).toMatch(new RegExp(`^/login\\?.*error=${error}$`));
      expect(answer.headers.getSetCookie()).toEqual([]);
      expect(cold.log.lines).toContainEqual(
        expect.objectContaining({
          level: error === "misconfigured" ? "error" : "warn",
          event: "authn_login_fail",
          fields: expect.objectContaining({ error, cause }),
        }),
      );

      const visitor = cold.visitor(there.jar);
      const { answer: page } = await world.inTime(visitor.get("/dashboard"));
      expect(page.status).toBe(200);
      expect(await page.text()).toContain(GAP);
      expect(setCookieNames(page)).toEqual([cold.cookie]);
      expect(world.app.google.calls.count("token")).toBe(0);

      world.network.restore();
      world.app.google.faults.clear();
      expect(locationOf(await newcomer.signIn())).toBe("/dashboard");
      expect(await (await visitor.get("/dashboard")).text()).not.toContain(GAP);
    },
  );
});

describe("a process that knows the endpoints", () => {
  it("PF-01 SF-22 OIDF discovery-openid-config: goes on with what it knows while discovery is down", async () => {
    const visitor = await world.signedIn();
    await world.app.clock.advance(3_600_000);
    world.network.divert(DISCOVERY, world.closedAddress);
    expect(await (await visitor.get("/dashboard")).text()).not.toContain(GAP);
    expect(locationOf(await world.app.visitor().signIn())).toBe("/dashboard");
  });
});
