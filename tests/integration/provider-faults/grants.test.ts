import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestStore, startTestApp } from "../../support/test-app";
import { locationOf, type Visitor } from "../../support/visitor";
import { type FaultWorld, startFaultWorld } from "./fault-world";

const UNTIL_DUE = 3_000_000;

let world: FaultWorld;
beforeAll(async () => {
  world = await startFaultWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.reset());

describe("Google’s cap of refresh tokens for one account", () => {
  it("PF-16 drops the oldest device, which signs in again once, and no other", async () => {
    const { control } = world.app.google;
    control.setRefreshTokenLimit(3);
    // Devices of one deployment share a refresh token: only of several deployments can there be many.
    const deployments = await Promise.all(
      [1, 2, 3, 4].map(async () =>
        startTestApp({ beside: world.app, store: await openTestStore(world.app.clock) }),
      ),
    );
    const devices: Visitor[] = [];
    for (const deployment of deployments) {
      const device = deployment.visitor();
      expect(locationOf(await device.signIn())).toBe("/dashboard");
      devices.push(device);
    }
    world.app.google.calls.clear();
    const [oldest, ...others] = devices;
    if (!oldest) throw new Error("no device");
    await world.app.clock.advance(UNTIL_DUE);
    for (const other of others) expect((await other.get("/dashboard")).status).toBe(200);
    expect(world.refreshes()).toBe(3);

    const answer = await oldest.get("/dashboard");
    expect(locationOf(answer)).toBe("/login?returnTo=%2Fdashboard&reason=grant_revoked");
    expect(await oldest.session()).toEqual({ status: "unauthenticated", reason: null });
    expect(world.refreshes()).toBe(4);

    control.setRefreshTokenLimit(4);
    expect(locationOf(await oldest.signIn())).toBe("/dashboard");
    await world.app.clock.advance(UNTIL_DUE);
    for (const device of [oldest, ...others]) {
      expect(await device.session()).toMatchObject({ status: "authenticated" });
      expect((await device.get("/dashboard")).status).toBe(200);
    }
    await Promise.all(deployments.map((deployment) => deployment.stop()));
  });
});

describe("tokens of the documented maximum", () => {
  /** An answer’s head as it travels: what a proxy has to fit into its buffer. */
  function headBytes(answer: Response): number {
    const lines = [...answer.headers].map(([name, value]) => `${name}: ${value}\r\n`);
    return Buffer.byteLength(
      `HTTP/1.1 ${answer.status} Service Unavailable\r\n${lines.join("")}\r\n`,
    );
  }

  it("PF-19 SC-12 fit a proxy’s 8 KB with all headers, at the sign-in and at every refresh", async () => {
    const { app } = world;
    const { control } = app.google;
    control.setTokenSizes("documented-maximum");
    control.rotateRefreshTokens(true);
    const email = `${"e".repeat(244)}@gmail.com`;
    control.addAccount({ email, name: "A name that goes on and on ".repeat(9) });
    const visitor = app.visitor();
    const callback = await visitor.answerAtGoogle(await visitor.startSignIn(), { account: email });
    await visitor.startSignIn(`/dashboard?${"x".repeat(500)}`);
    const signedIn = await visitor.get(callback);
    expect(locationOf(signedIn)).toBe("/dashboard");
    expect(headBytes(signedIn)).toBeLessThan(8192);

    for (const path of ["/dashboard", "/dashboard.data", "/account", "/api/session", "/nowhere"]) {
      await app.clock.advance(UNTIL_DUE);
      const answer = await visitor.get(path);
      expect(headBytes(answer), path).toBeLessThan(8192);
      expect(visitor.jar.header()?.length, path).toBeLessThan(8192);
    }
    expect(world.refreshes()).toBe(5);
    expect(await visitor.session()).toMatchObject({ status: "authenticated", user: { email } });
  });
});

describe("the scopes that were granted", () => {
  const GOOGLE = "https://www.googleapis.com/auth";
  const CALENDAR = `${GOOGLE}/calendar.events`;
  const NONE: string[] = [];

  it.each([
    ["in another order", `${CALENDAR} openid profile email`, ["calendar"]],
    [
      "under their other names",
      `${GOOGLE}/userinfo.profile ${CALENDAR} openid ${GOOGLE}/userinfo.email`,
      ["calendar"],
    ],
    ["more than once", `openid ${CALENDAR}  ${CALENDAR} email profile`, ["calendar"]],
    ["without the feature’s", "openid email profile", NONE],
    ["with a lesser one", `openid email profile ${GOOGLE}/calendar.readonly`, NONE],
    ["with nothing but openid", "openid", NONE],
    ["with a longer name", `openid email ${CALENDAR}.readonly`, NONE],
  ])("PF-20 DA-01 TR-16 come %s, at a sign-in and at a refresh", async (_, scope, features) => {
    const { faults } = world.app.google;
    const granting = (granted: string) =>
      faults.set("token", { kind: "merge", merge: { scope: granted } });

    granting(scope);
    const newcomer = await world.signedIn();
    expect(await newcomer.session()).toMatchObject({ status: "authenticated", features });

    // Its refresh token would be at hand for the next sign-in, with its scopes.
    await newcomer.post("/logout");

    granting(`openid email profile ${CALENDAR}`);
    const visitor = await world.signedIn();
    expect(await visitor.session()).toMatchObject({ features: ["calendar"] });
    granting(scope);
    await world.app.clock.advance(UNTIL_DUE);
    expect((await visitor.get("/dashboard")).status).toBe(200);
    expect(await visitor.session()).toMatchObject({ status: "authenticated", features });
    expect(world.refreshes()).toBe(1);

    // What shrank may grow again.
    granting(`openid email profile ${CALENDAR}`);
    await world.app.clock.advance(UNTIL_DUE);
    expect(await visitor.session()).toMatchObject({ features: ["calendar"] });
  });

  it("PF-20 TR-16 are what they were when a refresh says nothing of them", async () => {
    const { faults } = world.app.google;
    faults.set("token", { kind: "merge", merge: { scope: `openid ${CALENDAR}` } });
    const visitor = await world.signedIn();
    faults.set("token", { kind: "merge", merge: { scope: null } });
    await world.app.clock.advance(UNTIL_DUE);
    expect(await visitor.session()).toMatchObject({ features: ["calendar"] });
    expect(world.refreshes()).toBe(1);
  });
});
