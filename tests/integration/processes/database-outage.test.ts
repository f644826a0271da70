import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { SIGN_IN_MESSAGES } from "../../../app/auth/sign-in/messages";
import { describeOnOwnPostgres } from "../../support/databases";
import { startDeployment } from "../../support/deployment";
import type { ServerProcess } from "../../support/server-process";
import { locationOf } from "../../support/visitor";

const ADA = "ada.lovelace@gmail.com";
const HOUR = 3_600_000;

describeOnOwnPostgres("When PostgreSQL goes away under two processes", (database, postgres) => {
  it("MP-05 SF-30 sessions go on and are refreshed once a process, sign-in says so, each limits it alone, and all heals when it is back", {
    timeout: 60_000,
  }, async () => {
    const deployment = await startDeployment(database.url());
    onTestFinished(() => deployment.stop());
    const { google } = deployment;
    const settings = { SIGN_IN_RATE_PER_MINUTE: "20", TRUSTED_PROXY_HOPS: "1" };
    const start = () => deployment.start(settings);
    const servers = await Promise.all([start(), start()]);
    const [here, there] = servers;
    const visitor = deployment.visitor(here);
    await visitor.signIn();
    const other = deployment.visitor(there);
    await other.signIn({ account: "grace.hopper@gmail.com" });
    await postgres().stop();

    for (const server of servers) {
      expect((await deployment.visitor(server).get("/readyz")).status).toBe(503);
      expect((await deployment.visitor(server).get("/healthz")).status).toBe(200);
    }
    google.calls.clear();
    const elsewhere = deployment.visitor(there, visitor.jar.copy());
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
    await deployment.pass(HOUR);
    for (const browser of [visitor, elsewhere]) {
      const pages = await Promise.all(Array.from({ length: 10 }, () => browser.get("/dashboard")));
      expect(pages.map(({ status }) => status)).toEqual(Array(10).fill(200));
    }
    expect(google.calls.count("token")).toBe(2);
    const refusal = locationOf(await deployment.visitor(here).signIn());
    expect(refusal).toContain("error=server_error");
    const page = await deployment.visitor(here).get(refusal);
    expect(await page.text()).toContain(SIGN_IN_MESSAGES.server_error.title);

    for (const server of servers) {
      const starts = Array.from({ length: 21 }, () =>
        deployment
          .visitor(server)
          .post("/auth/google", {}, { "X-Forwarded-For": "203.0.113.1" })
          .then(({ status }) => status),
      );
      expect((await Promise.all(starts)).sort()).toEqual([...Array(20).fill(302), 429]);
    }

    await postgres().start();
    for (const server of servers) {
      expect((await deployment.visitor(server).get("/readyz")).status).toBe(200);
      const newcomer = deployment.visitor(server);
      expect(locationOf(await newcomer.signIn())).toBe("/dashboard");
    }
    await deployment.pass(HOUR);
    google.calls.clear();
    for (const browser of [visitor, elsewhere, other]) {
      expect((await browser.get("/dashboard")).status).toBe(200);
      expect(await browser.session()).toMatchObject({ status: "authenticated" });
    }
    expect(google.calls.count("token")).toBe(2);
  });

  /** Two processes, and somebody who is signed in at the first, with a copy of their cookies. */
  async function twoProcesses() {
    const deployment = await startDeployment(database.url());
    onTestFinished(() => deployment.stop());
    const [here, there] = await Promise.all([deployment.start(), deployment.start()]);
    const visitor = deployment.visitor(here);
    expect(locationOf(await visitor.signIn({ account: ADA }))).toBe("/dashboard");
    const elsewhere = deployment.visitor(there, visitor.jar.copy());
    return { deployment, google: deployment.google, here, there, visitor, elsewhere };
  }

  const eventsOf = (server: ServerProcess) => server.log().map(({ event }) => event);

  it("FE-2 a sign-out is made up for as soon as it is back; what can’t be done now says so, and isn’t done", {
    timeout: 60_000,
  }, async () => {
    const { deployment, here, there, visitor, elsewhere } = await twoProcesses();
    const laptop = deployment.visitor(here);
    await laptop.signIn({ account: ADA });
    await postgres().stop();

    const intents = [
      "end-other-sessions",
      "end-all-sessions",
      "disconnect-google",
      "delete-account",
    ];
    for (const intent of intents) {
      const answer = await laptop.post("/account", { intent, confirm: "yes" });
      expect(locationOf(answer)).toBe("/account?notice=unavailable");
    }
    expect(locationOf(await visitor.post("/logout"))).toBe("/login?reason=signed_out");
    expect(visitor.jar.names()).toEqual([]);
    expect(eventsOf(here)).toContain("session_end_not_shared");
    const readiness = await deployment.visitor(here).get("/readyz");
    expect(await readiness.json()).toMatchObject({ waiting: { writes: 1 } });
    // The other process can’t know yet.
    expect(await elsewhere.session()).toMatchObject({ status: "authenticated" });

    await postgres().start();
    await deployment.pass(2000);
    await expect.poll(() => eventsOf(here)).toContain("owed_writes_done");
    await deployment.pass(2000);
    const ended = { status: "unauthenticated", reason: "signed_out" };
    await expect
      .poll(() => deployment.visitor(there, elsewhere.jar.copy()).session())
      .toEqual(ended);
    for (const server of [here, there]) {
      const browser = deployment.visitor(server, laptop.jar.copy());
      expect(await browser.session()).toMatchObject({ status: "authenticated" });
    }
    expect(deployment.google.calls.count("revoke")).toBe(0);
  });

  it.each([
    ["by itself", "runs on"],
    ["when its process is asked to stop just then", "stops then"],
    ["when its process was asked to stop before", "stops before"],
  ])(
    "FE-10 FE-21 a refresh with one-use tokens is published as soon as it is back, %s",
    {
      timeout: 60_000,
    },
    async (_, process) => {
      const { deployment, google, here, visitor, elsewhere } = await twoProcesses();
      google.control.rotateRefreshTokens(true);
      google.calls.clear();
      await deployment.pass(HOUR);
      await postgres().stop();
      expect((await visitor.get("/dashboard")).status).toBe(200);
      expect(google.calls.count("token")).toBe(1);
      await expect.poll(() => eventsOf(here)).toContain("authn_token_created");
      if (process === "stops before") {
        here.signal("SIGTERM");
        await expect.poll(() => eventsOf(here)).toContain("sys_shutdown");
        await deployment.pass(2000);
      }
      await postgres().start();
      if (process === "stops then") {
        here.signal("SIGTERM");
        await expect.poll(() => eventsOf(here)).toContain("sys_shutdown");
      }
      await deployment.pass(2000);
      if (process === "runs on")
        await expect.poll(() => eventsOf(here)).toContain("owed_writes_done");
      else expect(await here.exited).toBe(0);
      expect(eventsOf(here)).not.toContain("owed_writes_lost");

      expect((await elsewhere.get("/dashboard")).status).toBe(200);
      expect(await elsewhere.session()).toMatchObject({ status: "authenticated" });
      expect(google.calls.count("token")).toBe(1);
      await deployment.pass(HOUR);
      expect((await elsewhere.get("/dashboard")).status).toBe(200);
      expect(google.calls.count("token")).toBe(2);
    },
  );

  it("FE-20 FE-21 MP-05 a one-use token that one process has renewed meanwhile isn’t judged by the other’s refusal", {
    timeout: 60_000,
  }, async () => {
    const { deployment, google, here, there, visitor } = await twoProcesses();
    google.control.rotateRefreshTokens(true);
    await deployment.pass(HOUR);
    const late = deployment.visitor(there, visitor.jar.copy());
    await postgres().stop();
    // The first has the token’s successor, and owes it. The second hears that the token is dead.
    expect((await visitor.get("/dashboard")).status).toBe(200);
    expect((await late.get("/dashboard")).status).toBe(200);
    expect(google.calls.list("token").at(-1)?.status).toBe(400);
    // The second one’s turn comes first.
    here.signal("SIGSTOP");
    await postgres().start();
    await expect.poll(async () => (await late.get("/readyz")).status).toBe(200);
    await sleep(1500);
    expect(await late.session()).toMatchObject({ status: "authenticated" });
    here.signal("SIGCONT");
    await expect.poll(() => eventsOf(here)).toContain("owed_writes_done");
    await deployment.pass(10_000);
    for (const browser of [visitor, late]) {
      expect((await browser.get("/dashboard")).status).toBe(200);
      expect(await browser.session()).toMatchObject({ status: "authenticated" });
    }
  });

  it("FE-21 a process that stops while it stays away says what is lost with it, in good time", {
    timeout: 60_000,
  }, async () => {
    const { deployment, here, visitor } = await twoProcesses();
    await postgres().stop();
    await visitor.post("/logout");
    here.signal("SIGTERM");
    await expect.poll(() => eventsOf(here)).toContain("sys_shutdown");
    for (let passed = 0; passed <= 12_000; passed += 1000) await deployment.pass(1000);
    expect(await here.exited).toBe(0);
    expect(here.log()).toContainEqual(
      expect.objectContaining({ event: "owed_writes_lost", writes: 1, alarm: true }),
    );
    await postgres().start();
  });

  it.each([
    ["and the process that found it out goes on", false],
    ["and the process that found it out is killed", true],
  ])(
    "FE-20 a grant that was taken back and given anew meanwhile signs nobody in with its dead token, %s",
    {
      timeout: 60_000,
    },
    async (_, killed) => {
      const { deployment, google, here, there, visitor } = await twoProcesses();
      await deployment.pass(HOUR);
      await postgres().stop();
      google.control.revokeGrant(ADA);
      await visitor.get("/dashboard");
      const browser = deployment.visitor(there);
      // Google sends its only token for the new consent to a sign-in that comes to nothing.
      expect(locationOf(await browser.signIn({ account: ADA }))).toContain("error=server_error");
      if (killed) await here.kill();
      await postgres().start();
      await deployment.pass(2000);
      if (!killed) await expect.poll(() => eventsOf(here)).toContain("owed_writes_done");

      expect(locationOf(await browser.signIn({ account: ADA }))).toBe("/dashboard");
      await deployment.pass(HOUR);
      expect((await browser.get("/dashboard")).status).toBe(200);
      expect(await browser.session()).toMatchObject({
        status: "authenticated",
        accessTokenExpiresAt: expect.closeTo(deployment.clock.now() + HOUR, -5),
      });
      if (!killed) expect(await visitor.session()).toMatchObject({ reason: "grant_revoked" });
    },
  );
});
