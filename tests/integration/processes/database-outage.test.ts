import { expect, it, onTestFinished } from "vitest";
import { SIGN_IN_MESSAGES } from "../../../app/auth/messages";
import { describeOnOwnPostgres } from "../../support/databases";
import { startDeployment } from "../../support/deployment";
import { locationOf } from "../../support/visitor";

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
});
